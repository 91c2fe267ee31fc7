// Constant folding: what is made of constants alone is computed once, when the graph is optimised, by the kernels that would have computed
// it in every run: with the same bits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

namespace r1::ml {

/// Left as they are: random numbers, what ranks exchange, what would take more than a mebibyte, what only repeats a constant (its readers
/// repeat it for nothing), and whole numbers that are no doubles.
Graph fold(const Graph& graph);

}  // namespace r1::ml
