// Copies of graphs in which some nodes are replaced: what passes from graphs to graphs have in common.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

#include <functional>

namespace r1::ml {

/// What becomes of a node, given what became of its operands: as many values as it has results, of their types; none: the same
/// operation again. Inputs are not asked for.
using Rule = std::function<Values(const Node& node, const Values& operands, Graph& target)>;

/// Live nodes in their order, then outputs and updates of the same names.
Graph rewrite(const Graph& graph, const Rule& rule);

}  // namespace r1::ml
