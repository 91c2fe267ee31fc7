// A graph is sound: what building it takes care of, looked at again. For passes, and for what comes from outside.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

namespace r1::ml {

/// Operands come before their users and are results of nodes of this graph; types are those that the operations give; inputs, outputs and
/// updates have names of their own, and an update has the type of its state. Error otherwise, with the node and its place in the model.
void verify(const Graph& graph);

/// The same where assertions for developers are compiled in (no NDEBUG); returns the graph.
Graph verified_in_debug(Graph graph);

}  // namespace r1::ml
