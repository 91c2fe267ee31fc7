// Rows by index, and sums of rows by index: adjoint to each other. Indices outside of the table give zeros, or are left out: so
// padded lists need no mask.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// x (B..., N, R...), index (B..., M), i32 or i64  ->  (B..., M, R...): result[b, m] = x[b, index[b, m]]; zero where that is not in
/// [0, N). The number of axes B is that of index less one: with none it takes rows of a table, with all but the last of x it
/// takes along an axis.
Value gather(const Value& x, const Value& index);

/// updates (B..., M, R...), index (B..., M)  ->  (B..., N, R...): result[b, n] = the sum of updates[b, m] with index[b, m] = n, taken
/// in the order of m.
Value scatter_add(const Value& updates, const Value& index, std::int64_t n);

}  // namespace r1::ml
