// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dot_kernels.hpp"

namespace r1::ml {

std::unique_ptr<Kernel> dot_kernel(const KernelRequest& request) {
  const DotShape shape(request);
  const Dtype dtype = request.results[0].dtype;
  if (!shape.empty() && (dtype == Dtype::f32 || dtype == Dtype::f64))
    return cublaslt_dot_kernel(shape, dtype);
  return plain_dot_kernel(request);
}

}  // namespace r1::ml
