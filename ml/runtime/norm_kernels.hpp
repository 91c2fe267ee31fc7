// Kernels of normalisations (ml/ops/layer_norm.cpp has the formulas).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/kernel.hpp"

namespace r1::ml {

/// x (rows, C), scale (C), [shift (C)] -> y, [mean (rows)], r (rows). Two results: without a mean.
std::unique_ptr<Kernel> norm_kernel(const KernelRequest& request);
/// x, scale, [mean], r, dy -> dx, dscale, [dshift].
std::unique_ptr<Kernel> norm_gradient_kernel(const KernelRequest& request);

}  // namespace r1::ml
