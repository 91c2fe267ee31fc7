// Functions that nowhere decrease and are the same for all elements of a plane of an image: the largest of a window is the same before
// and after them, and before them there are more elements than after a pooling.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/ops/conv.hpp"

#include <functional>
#include <optional>

namespace r1::ml {

/// x = function(of); of images of another extent, `function` makes the same of them.
struct OrderKeeping {
  Value of;
  std::function<Value(const Value&)> function;
};

/// Where the last operation of `x`, an image as `image` says, is one of them: a bound from below, as of relu, or a number added to each
/// plane, as a bias. Rounding keeps the order too, so that nothing changes by a bit.
std::optional<OrderKeeping> order_keeping(const Value& x, const ConvGeometry& image);

}  // namespace r1::ml
