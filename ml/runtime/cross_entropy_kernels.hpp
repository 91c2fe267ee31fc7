// Kernels of the cross entropy of classes (ml/ops/softmax_cross_entropy.cpp has the formulas).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/kernel.hpp"

namespace r1::ml {

/// logits (N, C), labels (N) -> loss (N), log_sum (N).
std::unique_ptr<Kernel> cross_entropy_kernel(const KernelRequest& request);
/// logits, labels, log_sum, dloss (N) -> dlogits (N, C), which may lie where the logits are.
std::unique_ptr<Kernel> cross_entropy_gradient_kernel(const KernelRequest& request);

}  // namespace r1::ml
