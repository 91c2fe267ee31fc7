// Kernels of normalisations (ml/ops/layer_norm.cpp has the formulas).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/kernel.hpp"

namespace r1::ml {

struct NormShape {
  std::int64_t rows, features;
  explicit NormShape(const Type& x) : rows(0), features(x.shape[x.shape.rank() - 1]) {
    rows = features == 0 ? 0 : x.shape.elements() / features;
  }
};

/// x (rows, C), scale (C), [shift (C)] -> y, [mean (rows)], r (rows). Two results: without a mean.
std::unique_ptr<Kernel> norm_kernel(const KernelRequest& request);
/// x, scale, [mean], r, dy -> dx, dscale, [dshift].
std::unique_ptr<Kernel> norm_gradient_kernel(const KernelRequest& request);

std::unique_ptr<Kernel> host_norm_gradient_kernel(const KernelRequest& request);
/// For GPUs; runs everywhere.
std::unique_ptr<Kernel> group_norm_gradient_kernel(const KernelRequest& request);

}  // namespace r1::ml
