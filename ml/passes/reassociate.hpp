// Products of matrices and selections of rows in the order that is less work. gather multiplies by a matrix G of zeros and ones from the
// left, scatter_add by its transpose, and products of matrices are associative:
//   G^T (B W) = (G^T B) W      a sum over edges before the matrix that is the same for all of them
//   (G X) W = G (X W)          a matrix for each row of a table, not for each time that it is read
//   B^T (G X) = (G^T B)^T X    the gradient of such a matrix
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

namespace r1::ml {

/// The same function, to rounding: sums are taken in another order where that is less work.
Graph reassociate(const Graph& graph);

/// What products, gather and scatter_add cost together: multiplications, and elements of the lists.
double work_of(const Graph& graph);

}  // namespace r1::ml
