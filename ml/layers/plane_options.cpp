// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/plane_options.hpp"

#include "ml/graph/shape_error.hpp"

#include <utility>

namespace r1::ml {

io::Key plane_key(std::string name, double least, std::string sentence) {
  const auto number = io::integer().min(least).max(1e6);
  return {std::move(name), io::any_of({number, io::list(number, 2, 2)}), std::move(sentence)};
}

Integers plane_of(const io::Config& value) {
  if (value.alternative() == 0) return {value.integer(), value.integer()};
  return {value.items()[0].integer(), value.items()[1].integer()};
}

ConvGeometry plane_geometry(const Shape& x, const Integers& kernel, const Integers& stride,
                            const Integers& padding, const Integers& dilation) {
  require(x.rank() == 4, "images (N, C, H, W) are needed, not {}", x.text());
  auto g = ConvGeometry::of(x, Shape{1, 1, kernel[0], kernel[1]});
  g.strides = stride;
  g.low = g.high = padding;
  g.dilation = dilation;
  for (std::size_t k = 0; k < 2; ++k) {
    const auto covered = (kernel[k] - 1) * dilation[k] + 1;
    const auto padded = g.input[k] + 2 * padding[k];
    require(
        covered <= padded,
        "a kernel of {} by {} does not fit into {}: along the {} it covers {}, and there are {}",
        kernel[0], kernel[1], x.text(), k == 0 ? "height" : "width", covered, padded);
  }
  return g;
}

}  // namespace r1::ml
