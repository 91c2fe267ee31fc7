// Tensors end to end along one axis, and a tensor cut into such parts: each is the other's adjoint.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// They agree in all other axes.
Value concat(const Values& parts, int axis);

/// As many parts as there are `extents`, whose sum is that of x along `axis`.
Values split(const Value& x, int axis, const Integers& extents);

}  // namespace r1::ml
