// Operations on images that are computed in either order of their axes: attribute "channels_last".
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace r1::ml {

class ImageOp {
 public:
  virtual ~ImageOp() = default;
  /// Which operands and results have their axes in that order; others are as they are.
  virtual bool operand_is_image(std::size_t k) const = 0;
  virtual bool result_is_image(std::size_t k) const = 0;
};

}  // namespace r1::ml
