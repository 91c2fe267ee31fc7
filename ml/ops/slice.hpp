// A strided part of a tensor, and zeros around and between the elements of one: each is the other's adjoint.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// Elements begin, begin + stride, ... below end, along each axis.
Value slice(const Value& x, const Integers& begin, const Integers& end, const Integers& strides);
/// Elements begin to end - 1 of one axis.
Value slice_axis(const Value& x, int axis, std::int64_t begin, std::int64_t end);
/// Zeros along each axis: `low` before, `high` after, `interior` between two elements.
Value pad(const Value& x, const Integers& low, const Integers& high, const Integers& interior);

}  // namespace r1::ml
