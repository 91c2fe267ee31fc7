// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/conv_kernels.hpp"

namespace r1::ml {

std::unique_ptr<Kernel> conv_kernel(const KernelRequest& request, ConvPart part) {
  if (auto kernel = cudnn_conv_kernel(request, part)) return kernel;
  return plain_conv_kernel(request, part);
}

}  // namespace r1::ml
