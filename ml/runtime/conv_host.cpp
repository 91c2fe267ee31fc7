// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/conv_kernels.hpp"
#include "ml/runtime/winograd.hpp"

namespace r1::ml {

std::unique_ptr<Kernel> conv_kernel(const KernelRequest& request, ConvPart part) {
  const bool something =
      request.operands[0].shape.elements() > 0 && request.operands[1].shape.elements() > 0;
  if (request.results[0].dtype != Dtype::f32 || !something) return plain_conv_kernel(request, part);
  const ConvShape shape(request, part);
  return winograd_suits(shape) ? winograd_conv_kernel(shape, part) : dnnl_conv_kernel(shape, part);
}

bool convolutions_prefer_channels_last() { return true; }

}  // namespace r1::ml
