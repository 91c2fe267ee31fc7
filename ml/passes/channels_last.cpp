// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/channels_last.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/conv.hpp"
#include "ml/ops/image_op.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/passes/rewrite.hpp"

#include <algorithm>
#include <optional>

namespace r1::ml {
namespace {

constexpr int kRank = 4;  // (N, C, H, W): those that libraries compute as fast in this order
const Integers kToFirst{0, 3, 1, 2};

bool is(const Value& value, std::string_view op) { return value.node->op->name() == op; }

/// What is computed with channels last and seen with channels first.
bool has_last(const Value& value) {
  return is(value, "permute") && value.node->attributes.integers("order") == kToFirst;
}

/// `axes` of (N, C, H, W) in (N, H, W, C), where the other axes come in the same order; else none.
std::optional<Integers> axes_with_last(const Integers& axes) {
  Integers moved, others;
  for (std::int64_t axis = 0; axis < kRank; ++axis) {
    const bool among = std::find(axes.begin(), axes.end(), axis) != axes.end();
    (among ? moved : others).push_back(kToFirst[static_cast<std::size_t>(axis)]);
  }
  if (!std::is_sorted(others.begin(), others.end())) return std::nullopt;
  std::sort(moved.begin(), moved.end());
  return moved;
}

Value broadcast_with_last(const Value& value, const Shape& last) {
  const auto axes = axes_with_last(value.node->attributes.integers("axes"));
  if (!axes) return {};
  return broadcast(value.node->operands[0], *axes, extents_at(last, *axes));
}

/// The same with channels last where that costs nothing; else no value.
Value free_with_last(const Value& value) {
  const Shape& s = value.shape();
  if (s.rank() != kRank) return {};
  if (has_last(value)) return value.node->operands[0];
  const Shape last{s[0], s[2], s[3], s[1]};
  if (const auto all = splat_of(value))
    return constant(*value.node->store, *all, value.type().with(last));
  if (is(value, "broadcast")) return broadcast_with_last(value, last);
  if (s[1] == 1 || (s[2] == 1 && s[3] == 1)) return reshape(value, last);
  return {};
}

Value with_last(const Value& value) {
  const Value free = free_with_last(value);
  return free ? free : channels_last(value);
}

Value with_first(const Value& value) { return permute(value, kToFirst); }

Values image_op(const Node& node, const ImageOp& op, Values operands) {
  for (std::size_t k = 0; k < operands.size(); ++k)
    if (op.operand_is_image(k)) operands[k] = with_last(operands[k]);
  auto attributes = node.attributes;
  attributes.set("channels_last", std::int64_t{1});
  Values results = apply(*node.op, attributes, operands);
  for (std::size_t k = 0; k < results.size(); ++k)
    if (op.result_is_image(k)) results[k] = with_first(results[k]);
  return results;
}

/// Convolutions of groups, which libraries compute more slowly in this order, stay as they are.
bool wants_channels_last(const Node& node) {
  const auto& a = node.attributes;
  return a.integer("channels_last") == 0 && node.operands[0].shape().rank() == kRank &&
         (a.find("groups") == nullptr || a.integer("groups") == 1);
}

/// Follows its operands where none of them has to be moved for that.
Values pointwise(const Node& node, const Values& operands) {
  Values last;
  for (const auto& operand : operands) {
    last.push_back(free_with_last(operand));
    if (!last.back()) return {};
  }
  return {with_first(apply1(*node.op, node.attributes, last))};
}

Values sum(const Node& node, const Value& x) {
  const auto axes = axes_with_last(node.attributes.integers("axes"));
  if (!axes) return {};
  return {reduce_sum(x.node->operands[0], *axes, node.result().dtype())};
}

Values rule(const Node& node, const Values& operands, Graph&) {
  if (const auto* op = dynamic_cast<const ImageOp*>(node.op))
    return wants_channels_last(node) ? image_op(node, *op, operands) : Values();
  if (std::none_of(operands.begin(), operands.end(), has_last)) return {};
  if (node.op->is_pointwise()) return pointwise(node, operands);
  if (node.op->name() == "reduce_sum") return sum(node, operands[0]);
  return {};
}

}  // namespace

Graph images_with_channels_last(const Graph& graph) { return rewrite(graph, rule); }

}  // namespace r1::ml
