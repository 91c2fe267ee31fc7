// Arithmetic on values. Operators and functions of two values broadcast as NumPy does (trailing axes are aligned, extents of 1 are
// repeated) and never change element types: literals take the operand's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"
#include "ml/ops/leaves.hpp"

namespace r1::ml {

Value operator+(const Value& a, const Value& b);
Value operator-(const Value& a, const Value& b);
Value operator*(const Value& a, const Value& b);
Value operator/(const Value& a, const Value& b);
Value operator-(const Value& a);

inline Value operator+(const Value& a, double b) { return a + constant_like(a, b); }
inline Value operator+(double a, const Value& b) { return constant_like(b, a) + b; }
inline Value operator-(const Value& a, double b) { return a + constant_like(a, -b); }
inline Value operator-(double a, const Value& b) { return constant_like(b, a) - b; }
inline Value operator*(const Value& a, double b) { return a * constant_like(a, b); }
inline Value operator*(double a, const Value& b) { return constant_like(b, a) * b; }
inline Value operator/(const Value& a, double b) { return a / constant_like(a, b); }
inline Value operator/(double a, const Value& b) { return constant_like(b, a) / b; }

/// The larger one; of equals the first, which then has all of the derivative.
Value max(const Value& a, const Value& b);
Value min(const Value& a, const Value& b);

/// a + b, where no value is zero; no value if both are.
Value accumulate(const Value& a, const Value& b);

}  // namespace r1::ml
