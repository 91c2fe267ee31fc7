// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/conv_kernels.hpp"

namespace r1::ml {

std::unique_ptr<Kernel> conv_kernel(const KernelRequest& request, ConvPart part) {
  return plain_conv_kernel(request, part);
}

bool convolutions_prefer_channels_last() { return true; }

}  // namespace r1::ml
