// Who computes convolutions (ml/ops/conv.hpp): conv_kernel() chooses. One of conv_host.cpp, conv_cuda.cpp
// and conv_unaided.cpp is linked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "ml/runtime/kernel.hpp"

#include <cstdint>
#include <memory>

namespace r1::ml {

enum class ConvPart : std::uint8_t { forward, dgrad, wgrad };  // what comes out: y, x or w

/// Three spatial axes, those that are missing of extent 1.
struct ConvShape {
  ConvShape(const KernelRequest& request, ConvPart part);
  std::int64_t n, c, o, groups;  // batch, channels of x and of y
  std::int64_t input[3], kernel[3], output[3], low[3], high[3], stride[3], dilation[3];
  int axes;  // of the request
  bool channels_last;

  /// Elements of a channel of an image, counted over its places: element k is at first + k * step.
  struct Line {
    std::int64_t first, step;
  };
  KOKKOS_INLINE_FUNCTION Line line(std::int64_t image, std::int64_t channel, std::int64_t channels,
                                   std::int64_t places) const {
    if (channels_last) return {image * places * channels + channel, channels};
    return {(image * channels + channel) * places, 1};
  }
};

KOKKOS_INLINE_FUNCTION std::int64_t places_of(const std::int64_t* extent) {
  return extent[0] * extent[1] * extent[2];
}
KOKKOS_INLINE_FUNCTION std::int64_t place_at(const std::int64_t* at, const std::int64_t* extent) {
  return (at[0] * extent[1] + at[1]) * extent[2] + at[2];
}

std::unique_ptr<Kernel> conv_kernel(const KernelRequest& request, ConvPart part);
/// Whether its library is faster where channels come last.
bool convolutions_prefer_channels_last();
/// For every element type.
std::unique_ptr<Kernel> plain_conv_kernel(const KernelRequest& request, ConvPart part);
/// fp32, by oneDNN.
std::unique_ptr<Kernel> dnnl_conv_kernel(const ConvShape& shape, ConvPart part);
/// fp32 and fp64, by cuDNN; null for what the library does not have.
std::unique_ptr<Kernel> cudnn_conv_kernel(const KernelRequest& request, ConvPart part);

// Pooling (ml/ops/pool.cpp).
std::unique_ptr<Kernel> window_argmax_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> max_pool_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> max_pool_gradient_kernel(const KernelRequest& request);

}  // namespace r1::ml
