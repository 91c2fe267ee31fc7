// Pooling over windows of images in either order: maxima by where they are, which is where derivatives go; means are grouped convolutions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"
#include "ml/ops/conv.hpp"

namespace r1::ml {

/// x (N, C, S...)  ->  i32 (N, C, T...): where in the flattened S the largest element of each window is; the first of equals; padding is
/// never the largest. Each window holds an element: ShapeError otherwise.
Value window_argmax(const Value& x, const ConvGeometry& window);

/// `window.input` is that of x, `window.groups` is not used. Functions like relu and the addition of a bias, which keep the order of what
/// they are given, are computed after the pooling, on fewer elements; of values that they make equal, the largest before is the one that a
/// derivative goes to.
Value max_pool(const Value& x, const ConvGeometry& window);
/// The mean over the window, padding included as zeros.
Value average_pool(const Value& x, const ConvGeometry& window);

}  // namespace r1::ml
