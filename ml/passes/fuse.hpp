// Fusion: pointwise operations on the same elements become one node, which reads and writes memory once for all of them. Constants that
// are one value and broadcasts that repeat elements in a regular way become part of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

namespace r1::ml {

/// The same function of the same inputs, with the same bits: each operation is computed as before, at another time. There are no
/// derivatives of the result.
Graph fuse(const Graph& graph);

}  // namespace r1::ml
