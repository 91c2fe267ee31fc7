// Kernels of which CPUs and GPUs have their own: those of GPUs. One of this file and kernels_host.cpp is linked.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/attention_kernels.hpp"
#include "ml/runtime/gather_rows.hpp"
#include "ml/runtime/norm_kernels.hpp"
#include "ml/runtime/reduce.hpp"

namespace r1::ml {

std::unique_ptr<Kernel> attention_kernel(const KernelRequest& request) {
  return group_attention_kernel(request);
}
std::unique_ptr<Kernel> attention_gradient_kernel(const KernelRequest& request) {
  return group_attention_gradient_kernel(request);
}
std::unique_ptr<Kernel> norm_gradient_kernel(const KernelRequest& request) {
  return group_norm_gradient_kernel(request);
}
std::unique_ptr<Kernel> reduce_kernel(const KernelRequest& request, const Integers& axes,
                                      Reduction reduction) {
  return group_reduce_kernel(request, axes, reduction);
}
std::unique_ptr<Kernel> scatter_add_kernel(const KernelRequest& request) {
  return ordered_scatter_add_kernel(request);
}

}  // namespace r1::ml
