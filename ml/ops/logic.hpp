// Comparisons, booleans, choice, and changes of the element type. Comparisons and functions of two values broadcast as arithmetic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

Value operator<(const Value& a, const Value& b);
Value operator<=(const Value& a, const Value& b);
/// Elementwise; operator== tells whether two handles are one value.
Value equal(const Value& a, const Value& b);
Value logical_and(const Value& a, const Value& b);
Value logical_or(const Value& a, const Value& b);
Value logical_not(const Value& a);

/// Where `condition`, else the other; elementwise. A derivative reaches an operand only where it is chosen.
Value select(const Value& condition, const Value& chosen, const Value& other);

/// Booleans become 0 and 1; to integers, towards zero; to booleans, whether it is not 0.
Value cast(const Value& x, Dtype dtype);

}  // namespace r1::ml
