// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/rewrite.hpp"

#include "ml/graph/op.hpp"
#include "ml/graph/verify.hpp"

#include <unordered_map>
#include <utility>

namespace r1::ml {

Graph rewrite(const Graph& graph, const Rule& rule) {
  Graph target;
  std::unordered_map<const Node*, Values> made;
  for (const auto& input : graph.inputs())
    made[input.value.node] = {target.input(input.name, input.value.type(), input.role)};
  const auto now = [&](const Value& value) {
    return made.at(value.node)[static_cast<std::size_t>(value.output)];
  };
  for (const Node* node : graph.live_nodes()) {
    if (made.count(node) > 0) continue;  // an input
    Values operands;
    for (const auto& operand : node->operands) operands.push_back(now(operand));
    target.store().set_place(graph.store().place_of(*node));
    Values values = rule(*node, operands, target);
    if (values.empty())
      values = target.store().intern(*node->op, node->attributes, operands).all_results();
    for (std::size_t k = 0; k < values.size(); ++k) R1_ASSERT(values[k].type() == node->results[k]);
    made[node] = std::move(values);
  }
  target.store().set_place("");
  for (const auto& output : graph.outputs()) {
    if (output.updates)
      target.update(output.name, now(output.value));
    else
      target.output(output.name, now(output.value));
  }
  return verified_in_debug(std::move(target));
}

}  // namespace r1::ml
