// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/conv_kernels.hpp"

namespace r1::ml {

std::unique_ptr<Kernel> conv_kernel(const KernelRequest& request, ConvPart part) {
  if (auto kernel = cudnn_conv_kernel(request, part)) return kernel;
  return plain_conv_kernel(request, part);
}

// Products of fp32 without rounding to TF32 are as it has them for channels first.
bool convolutions_prefer_channels_last() { return false; }

}  // namespace r1::ml
