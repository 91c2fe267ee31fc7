// Composites replaced by what they are composed of: for what knows primitives alone, such as other formats, and to compare with.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

namespace r1::ml {

/// The same function, to rounding.
Graph expanded(const Graph& graph);

}  // namespace r1::ml
