// The passes that every plan's graph goes through last, in their order; derivatives are taken before.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

namespace r1::ml {

/// The same function of the same inputs, ready for a plan.
Graph optimized(const Graph& graph);

}  // namespace r1::ml
