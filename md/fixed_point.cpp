// SPDX-License-Identifier: Apache-2.0
#include "md/fixed_point.hpp"

#include <algorithm>

namespace r1::md {

FixedPoint FixedPoint::of(const Box& box) {
  double extent = 0;
  for (int d = 0; d < 3; ++d) {
    double reach = std::abs(box.origin[d]);
    for (int k = 0; k < 3; ++k) reach += std::abs(box.vectors[k][d]);
    extent = std::max(extent, reach);
  }
  // Twice the extent is still below 2^51 quanta, which a rounding bears.
  const int exponent = std::ilogb(extent) + 1;
  return {magic_of(std::ldexp(1.0, exponent + 1 - 51)), magic_of(0x1p-34), magic_of(0x1p-36),
          magic_of(0x1p-10)};
}

}  // namespace r1::md
