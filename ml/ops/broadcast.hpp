// Broadcast and sum: each is the other's adjoint. broadcast inserts axes along which the operand repeats; reduce_sum removes axes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// Inserts the axes `axes` of the result (ascending), with `extents`.
Value broadcast(const Value& x, const Integers& axes, const Integers& extents);
/// Removes `axes` (ascending). Accumulates in fp32 at least; the result is of `dtype`.
Value reduce_sum(const Value& x, const Integers& axes, Dtype dtype);
Value reduce_sum(const Value& x, const Integers& axes);
Value sum(const Value& x);  // of all elements, a scalar
Value mean(const Value& x, const Integers& axes);

/// The sum over `axes`, kept with extent 1.
Value sum_keeping(const Value& x, const Integers& axes);
Value mean_keeping(const Value& x, const Integers& axes);

/// The shape that both broadcast to, trailing axes aligned, extents of 1 repeated; throws ShapeError with both.
Shape common_shape(const Shape& a, const Shape& b);
Value broadcast_to(const Value& x, const Shape& shape);
/// x (C) along `axis` of `shape`, repeated along all others.
Value broadcast_along(const Value& x, int axis, const Shape& shape);

/// `shape` without `axes`, and with extents put in at `axes`; both ascending.
Shape without_axes(const Shape& shape, const Integers& axes);
Shape with_axes(const Shape& shape, const Integers& axes, const Integers& extents);
/// `shape` with extents of 1 at `axes`, and its extents there.
Shape with_ones(const Shape& shape, const Integers& axes);
Integers extents_at(const Shape& shape, const Integers& axes);
Integers all_axes(const Shape& shape);
Integers axes_but(const Shape& shape, int axis);  // all but one

}  // namespace r1::ml
