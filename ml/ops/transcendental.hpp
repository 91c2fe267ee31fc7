// Elementary functions of values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

Value exp(const Value& x);
Value log(const Value& x);
Value log1p(const Value& x);
/// Its derivative at 0 is infinite: where that can happen, select a safe argument first.
Value sqrt(const Value& x);
Value tanh(const Value& x);
Value erf(const Value& x);
Value sin(const Value& x);
Value cos(const Value& x);
/// x^exponent, for x > 0 unless the exponent is an integer.
Value pow(const Value& x, double exponent);
Value square(const Value& x);

// Without derivative.
Value floor(const Value& x);
/// To the nearest integer, halves to the even one.
Value round(const Value& x);

}  // namespace r1::ml
