// The same elements in the same order under another shape; and the axes in another order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// As many elements as before; costs nothing.
Value reshape(const Value& x, const Shape& shape);
/// Axis k of the result is axis order[k] of x.
Value permute(const Value& x, const Integers& order);
/// Swaps the last two axes.
Value transpose(const Value& x);

}  // namespace r1::ml
