// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/reassociate.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/passes/rewrite.hpp"

namespace r1::ml {
namespace {

const Node& behind_reshapes(Value x) {
  while (x.node->op->name() == "reshape") x = x.node->operands[0];
  return *x.node;
}

As as_of(const Node& product, std::string_view name) {
  return product.attributes.integer(name) == 0 ? As::is : As::transposed;
}

/// The product of one pair of matrices, A as it is, whose rows are the elements of a list of `length`.
bool is_product(const Node& node, std::int64_t length) {
  return node.op->name() == "dot" && as_of(node, "a_as") == As::is &&
         node.result().shape()[0] == 1 && node.result().shape()[1] == length;
}

/// Rows of a table by one list of `length`.
bool is_selection(const Node& node, std::int64_t length) {
  return node.op->name() == "gather" && node.operands[1].shape() == Shape{length};
}

/// G^T (A B) = (G^T A) B.
Values sum_first(const Node& node, const Values& operands) {
  const Value& index = operands[1];
  const Node& product = behind_reshapes(operands[0]);
  if (index.shape().rank() != 1 || !is_product(product, index.shape()[0])) return {};
  const Value &a = product.operands[0], &b = product.operands[1];
  const auto rows = node.attributes.integer("rows"), columns = a.shape()[2];
  const Value sums = scatter_add(reshape(a, {a.shape()[1], columns}), index, rows);
  const Value y = dot(reshape(sums, {1, rows, columns}), b, As::is, as_of(product, "b_as"));
  return {reshape(y, node.result().shape())};
}

/// (G X) B = G (X B).
Values select_last(const Node& node, const Values& operands) {
  const Value& a = operands[0];
  const Node& selection = behind_reshapes(a);
  if (!is_selection(selection, a.shape()[1])) return {};
  const Value &x = selection.operands[0], &index = selection.operands[1];
  const auto rows = x.shape()[0], columns = node.result().shape()[2];
  const Value y =
      dot(reshape(x, {1, rows, a.shape()[2]}), operands[1], As::is, as_of(node, "b_as"));
  return {reshape(gather(reshape(y, {rows, columns}), index), node.result().shape())};
}

/// A^T (G X) = (G^T A)^T X, or (G X)^T B = X^T (G^T B): `selected` is the operand that is a selection.
Values sum_other(const Values& operands, std::size_t selected) {
  const Value &picked = operands[selected], &other = operands[1 - selected];
  const Node& selection = behind_reshapes(picked);
  const auto length = other.shape()[1], columns = other.shape()[2];
  if (!is_selection(selection, length)) return {};
  const auto rows = selection.operands[0].shape()[0];
  const Value x = reshape(selection.operands[0], {1, rows, picked.shape()[2]});
  const Value sums =
      reshape(scatter_add(reshape(other, {length, columns}), selection.operands[1], rows),
              {1, rows, columns});
  return {selected == 0 ? dot(x, sums, As::transposed, As::is)
                        : dot(sums, x, As::transposed, As::is)};
}

/// What becomes of `node` where it reads `inner` and both can change places.
Values changed_places(const Node& inner, const Node& node, const Values& operands) {
  const auto reads = [&](std::size_t k) { return &behind_reshapes(node.operands[k]) == &inner; };
  const auto name = node.op->name();
  if (name == "scatter_add" && reads(0)) return sum_first(node, operands);
  if (name != "dot" || node.result().shape()[0] != 1) return {};
  if (as_of(node, "a_as") == As::is) return reads(0) ? select_last(node, operands) : Values();
  if (as_of(node, "b_as") == As::transposed) return {};
  if (reads(1)) return sum_other(operands, 1);
  return reads(0) ? sum_other(operands, 0) : Values();
}

double work_of(const Node& node) {
  const auto name = node.op->name();
  const auto elements = static_cast<double>(node.result().shape().elements());
  if (name == "dot") {
    const Shape& a = node.operands[0].shape();
    return elements * static_cast<double>(a[as_of(node, "a_as") == As::is ? 2 : 1]);
  }
  if (name == "gather") return elements;
  if (name == "scatter_add")
    return elements + static_cast<double>(node.operands[0].shape().elements());
  return 0;
}

}  // namespace

double work_of(const Graph& graph) {
  double sum = 0;
  for (const Node* node : graph.live_nodes()) sum += work_of(*node);
  return sum;
}

Graph reassociate(const Graph& graph) {
  // One product or selection at a time, with all that read it; each step is judged by the work of the whole, since a value that others
  // need, too, is computed in any case.
  Graph best = rewrite(graph, [](const Node&, const Values&, Graph&) { return Values(); });
  auto nodes = best.live_nodes();
  for (std::size_t k = 0; k < nodes.size();) {
    const Node& inner = *nodes[k++];
    if (inner.op->name() != "dot" && inner.op->name() != "gather") continue;
    bool changed = false;
    Graph other = rewrite(best, [&](const Node& node, const Values& operands, Graph&) {
      Values values = changed_places(inner, node, operands);
      changed = changed || !values.empty();
      return values;
    });
    if (!changed || work_of(other) >= work_of(best)) continue;
    best = std::move(other);
    nodes = best.live_nodes();
    k = 0;
  }
  return best;
}

}  // namespace r1::ml
