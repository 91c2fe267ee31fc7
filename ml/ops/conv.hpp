// Convolutions over 1 to 3 spatial axes and their two adjoints: three products of two of (x, w, y) that give the third, so that all
// derivatives of all orders are among them. Tensors: x (N, C, S...), w (O, C/groups, K...), y (N, O, T...), or images with channels last.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// Where the channels of images are: (N, C, S...) or (N, S..., C). Kernels are (O, C/groups, K...) in either case.
enum class ImageOrder : std::uint8_t { channels_first, channels_last };

/// An image's axes in the other order.
Value channels_last(const Value& image);   // from (N, C, S...)
Value channels_first(const Value& image);  // from (N, S..., C)

/// One number for each spatial axis.
struct ConvGeometry {
  Integers input, kernel;      // S, K
  Integers low, high;          // zeros before and after x
  Integers strides, dilation;  // 1: none
  std::int64_t groups = 1;
  ImageOrder order = ImageOrder::channels_first;

  /// Of x and w, without padding, stride 1.
  static ConvGeometry of(const Shape& x, const Shape& w);
  explicit ConvGeometry(const Attributes& attributes);
  ConvGeometry() = default;
  Attributes attributes() const;
  int axes() const { return static_cast<int>(input.size()); }
  /// T; throws ShapeError where the kernel does not fit.
  Integers output() const;

  // Of images in this order.
  int channel_axis() const { return order == ImageOrder::channels_first ? 1 : axes() + 1; }
  std::int64_t channels(const Shape& image) const { return image[channel_axis()]; }
  Integers spatial(const Shape& image) const;
  Shape image(std::int64_t n, std::int64_t channels, const Integers& spatial) const;
};

/// y[n, o, t] = sum over c, k of x[n, c, t stride + k dilation - low] w[o, c, k]: a correlation, as everywhere in this field.
Value conv(const Value& x, const Value& w, const ConvGeometry& geometry);
/// The adjoint in x: of y's shape and w's to x's.
Value conv_dgrad(const Value& y, const Value& w, const ConvGeometry& geometry);
/// The adjoint in w: of x's shape and y's to w's.
Value conv_wgrad(const Value& x, const Value& y, const ConvGeometry& geometry);

}  // namespace r1::ml
