// Simplifications that need to look behind a value. Builders of nodes never do: what they are given may be what a derivative is asked
// for, and a node that goes around it would lose it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

namespace r1::ml {

/// The same function: permutations of permutations are one, reshapes of reshapes too, and matrices that a product reads are transposed
/// by the product.
Graph simplify(const Graph& graph);

}  // namespace r1::ml
