// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dot_kernels.hpp"

namespace r1::ml {

std::unique_ptr<Kernel> dot_kernel(const KernelRequest& request) {
  return plain_dot_kernel(request);
}

}  // namespace r1::ml
