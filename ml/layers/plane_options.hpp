// Options of layers over planes: one number for both axes, or two.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"
#include "ml/ops/conv.hpp"

#include <string>

namespace r1::ml {

/// A key that is a number for both axes or one for each; at least `least`.
io::Key plane_key(std::string name, double least, std::string sentence);
/// Both numbers.
Integers plane_of(const io::Config& value);

/// Throws ShapeError unless x is (N, C, H, W); else the geometry of `kernel` on it.
ConvGeometry plane_geometry(const Shape& x, const Integers& kernel, const Integers& stride,
                            const Integers& padding, const Integers& dilation);

}  // namespace r1::ml
