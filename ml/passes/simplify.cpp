// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/simplify.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/passes/rewrite.hpp"

namespace r1::ml {
namespace {

bool is(const Value& value, std::string_view op) { return value.node->op->name() == op; }

Value simplified_permute(const Value& x, const Integers& order) {
  if (!is(x, "permute")) return permute(x, order);
  const auto& first = x.node->attributes.integers("order");
  Integers both;
  for (const auto axis : order) both.push_back(first.at(static_cast<std::size_t>(axis)));
  return permute(x.node->operands[0], both);
}

Value simplified_reshape(Value x, const Shape& shape) {
  while (is(x, "reshape")) x = x.node->operands[0];
  return reshape(x, shape);
}

/// A matrix as a product reads it.
struct Matrices {
  Value x;
  As as;

  Matrices(const Value& operand, std::int64_t transposed)
      : x(operand), as(transposed == 0 ? As::is : As::transposed) {
    // Through reshapes that only add or take away axes of extent 1: (1, a, b) of a transposed (a, b).
    Value inner = x;
    while (is(inner, "reshape")) inner = inner.node->operands[0];
    if (!is(inner, "permute")) return;
    const auto& order = inner.node->attributes.integers("order");
    const Shape &to = x.shape(), &from = inner.shape();
    const auto rank = static_cast<std::int64_t>(order.size());
    const bool whole = rank == 2 && to[0] == 1 && to[1] == from[0] && to[2] == from[1];
    const bool batches = rank == 3 && to == from && order[0] == 0;
    if ((!whole && !batches) || order[static_cast<std::size_t>(rank - 1)] != rank - 2) return;
    x = reshape(inner.node->operands[0], {to[0], to[2], to[1]});
    as = as == As::is ? As::transposed : As::is;
  }
};

/// A function of what repeats in one way is a repetition of the function.
Values pointwise_before_broadcast(const Node& node, const Values& operands) {
  const Node* repeated = nullptr;
  for (const auto& operand : operands) {
    if (splat_of(operand)) continue;
    if (!is(operand, "broadcast")) return {};
    if (repeated != nullptr && (operand.node->attributes != repeated->attributes ||
                                operand.node->operands[0].shape() != repeated->operands[0].shape()))
      return {};
    repeated = operand.node;
  }
  if (repeated == nullptr) return {};
  const Shape& small = repeated->operands[0].shape();
  Values bases;
  for (const auto& operand : operands)
    bases.push_back(is(operand, "broadcast") ? operand.node->operands[0]
                                             : constant(*operand.node->store, *splat_of(operand),
                                                        operand.type().with(small)));
  const auto& a = repeated->attributes;
  return {broadcast(apply1(*node.op, node.attributes, bases), a.integers("axes"),
                    a.integers("extents"))};
}

Values rule(const Node& node, const Values& operands, Graph&) {
  const auto name = node.op->name();
  if (node.op->is_pointwise()) return pointwise_before_broadcast(node, operands);
  if (name == "permute")
    return {simplified_permute(operands[0], node.attributes.integers("order"))};
  if (name == "reshape") return {simplified_reshape(operands[0], node.result().shape())};
  if (name == "dot") {
    const Matrices a(operands[0], node.attributes.integer("a_as")),
        b(operands[1], node.attributes.integer("b_as"));
    return {dot(a.x, b.x, a.as, b.as)};
  }
  return {};
}

}  // namespace

Graph simplify(const Graph& graph) { return rewrite(graph, rule); }

}  // namespace r1::ml
