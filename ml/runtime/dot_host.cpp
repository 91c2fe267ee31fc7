// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dot_kernels.hpp"

namespace r1::ml {

std::unique_ptr<Kernel> dot_kernel(const KernelRequest& request) {
  const DotShape shape(request);
  if (!shape.empty()) {
    if (request.results[0].dtype == Dtype::f32) return dnnl_dot_kernel(shape);
    if (request.results[0].dtype == Dtype::f64) return openblas_dot_kernel(shape);
  }
  return plain_dot_kernel(request);
}

}  // namespace r1::ml
