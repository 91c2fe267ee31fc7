// Products of matrices, and what is written with them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

enum class As : std::uint8_t { is, transposed };

/// a (B, M, K), b (B, K, N), each as it is or with its last two axes swapped  ->  (B, M, N). Sums are taken in fp32 at least.
Value dot(const Value& a, const Value& b, As a_as = As::is, As b_as = As::is);

/// Over the last axis of a and the first but one of b, as NumPy does for two or more axes: leading axes are batches and broadcast.
/// A matrix b multiplies all rows of a at once.
Value matmul(const Value& a, const Value& b);

/// Which axes of a and b are batches (in pairs, first in the result) and which are summed over (in pairs).
struct Contraction {
  Integers batch_a, batch_b, sum_a, sum_b;
};
/// Axes of the result: batches, the others of a, the others of b.
Value dot_general(const Value& a, const Value& b, const Contraction& axes);

}  // namespace r1::ml
