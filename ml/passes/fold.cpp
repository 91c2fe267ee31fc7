// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/fold.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/passes/rewrite.hpp"
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/plan.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <optional>
#include <unordered_map>
#include <unordered_set>

namespace r1::ml {
namespace {

constexpr std::size_t kMostBytes = std::size_t{1} << 20;  // of one result
constexpr double kMostWhole = 0x1p53;                     // whole numbers up to it are doubles

bool is_leaf(const Node& node) {
  return node.op->name() == "constant" || node.op->name() == "iota";
}

/// Could it be computed now, once its operands are?
bool can_fold(const Node& node) {
  const auto name = node.op->name();
  if (name == "input" || name.starts_with("random") || node.op->communicates()) return false;
  return std::all_of(node.results.begin(), node.results.end(), [](const Type& type) {
    const bool has_kernels = type.dtype != Dtype::bf16 && type.dtype != Dtype::f16;
    return has_kernels && type.bytes() <= kMostBytes;
  });
}

/// Nodes that are made of constants alone and are read by others, or are outputs.
std::vector<const Node*> foldable(const Graph& graph) {
  const auto nodes = graph.live_nodes();
  std::unordered_set<const Node*> known, needed;
  for (const Node* node : nodes)
    if (can_fold(*node) && std::all_of(node->operands.begin(), node->operands.end(),
                                       [&](const Value& v) { return known.count(v.node) > 0; }))
      known.insert(node);
  for (const auto& output : graph.outputs()) needed.insert(output.value.node);
  std::vector<const Node*> found;
  for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) {
    const Node& node = **it;
    if (needed.count(&node) == 0) continue;
    if (known.count(&node) > 0 && !is_leaf(node) && node.op->name() != "broadcast")
      found.push_back(&node);
    else
      for (const auto& operand : node.operands) needed.insert(operand.node);
  }
  return found;
}

/// Values of a constant: one, if all have the same bits. None where an attribute cannot hold them.
std::optional<Reals> values_of(const Tensor& tensor) {
  Reals values;
  with_type(tensor.type().dtype, [&]<class T>() {
    for (const T value : tensor.to_host<T>()) values.push_back(static_cast<double>(value));
  });
  if (tensor.type().dtype == Dtype::i64)
    for (const double value : values)
      if (std::abs(value) >= kMostWhole) return std::nullopt;
  const auto same = [&values](double value) {
    return std::bit_cast<std::uint64_t>(value) == std::bit_cast<std::uint64_t>(values[0]);
  };
  if (!values.empty() && std::all_of(values.begin(), values.end(), same))
    values.erase(values.begin() + 1, values.end());
  return values;
}

using Folded = std::unordered_map<const Node*, std::vector<std::optional<Reals>>>;

Folded computed(const std::vector<const Node*>& nodes) {
  Graph part;
  std::unordered_map<const Node*, const Node*> copies;
  Values wanted;
  for (const Node* node : nodes)
    for (const auto& result : node->all_results()) wanted.push_back(result);
  for (const Node* node : nodes_below(wanted)) {
    Values operands;
    for (const auto& operand : node->operands)
      operands.push_back(copies.at(operand.node)->result(operand.output));
    copies[node] = &part.store().intern(*node->op, node->attributes, operands);
  }
  for (std::size_t k = 0; k < wanted.size(); ++k)
    part.output(std::to_string(k), copies.at(wanted[k].node)->result(wanted[k].output));
  Plan plan(part);
  const Exec exec;
  plan.run(exec);
  exec.fence("folded values are read");
  Folded folded;
  for (std::size_t k = 0; k < wanted.size(); ++k)
    folded[wanted[k].node].push_back(values_of(plan.output(std::to_string(k))));
  return folded;
}

}  // namespace

Graph fold(const Graph& graph) {
  const auto nodes = foldable(graph);
  const Folded folded = nodes.empty() ? Folded() : computed(nodes);
  return rewrite(graph, [&folded](const Node& node, const Values&, Graph& target) -> Values {
    const auto found = folded.find(&node);
    if (found == folded.end()) return {};
    Values constants;
    for (std::size_t k = 0; k < node.results.size(); ++k) {
      const auto& values = found->second[k];
      if (!values) return {};
      constants.push_back(constant(target.store(), *values, node.results[k]));
    }
    return constants;
  });
}

}  // namespace r1::ml
