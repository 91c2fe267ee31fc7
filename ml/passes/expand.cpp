// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/expand.hpp"

#include "ml/ops/composite.hpp"
#include "ml/passes/rewrite.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

const Composed* composite(const Node& node) { return dynamic_cast<const Composed*>(node.op); }

bool has_composites(const Graph& graph) {
  const auto nodes = graph.live_nodes();
  return std::any_of(nodes.begin(), nodes.end(),
                     [](const Node* node) { return composite(*node) != nullptr; });
}

Graph expanded_once(const Graph& graph) {
  return rewrite(graph, [](const Node& node, const Values& operands, Graph&) {
    const auto* op = composite(node);
    return op == nullptr ? Values() : op->compose(operands, node.attributes);
  });
}

}  // namespace

Graph expanded(const Graph& graph) {
  Graph result = expanded_once(graph);
  while (has_composites(result)) result = expanded_once(result);  // composites of composites
  return result;
}

}  // namespace r1::ml
