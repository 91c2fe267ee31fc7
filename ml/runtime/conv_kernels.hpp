// Who computes convolutions (ml/ops/conv.hpp): conv_kernel() chooses. One of conv_host.cpp and conv_unaided.cpp is linked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

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
};

std::unique_ptr<Kernel> conv_kernel(const KernelRequest& request, ConvPart part);
/// For every element type.
std::unique_ptr<Kernel> plain_conv_kernel(const KernelRequest& request, ConvPart part);
/// fp32, by oneDNN.
std::unique_ptr<Kernel> dnnl_conv_kernel(const ConvShape& shape, ConvPart part);

std::unique_ptr<Kernel> window_argmax_kernel(const KernelRequest& request);

}  // namespace r1::ml
