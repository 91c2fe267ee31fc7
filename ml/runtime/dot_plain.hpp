// The product of matrices for every element type: for those that the field's libraries do not have, and to check them against.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/kernel.hpp"

#include <memory>

namespace r1::ml {

/// Strides of one matrix of a batch [elements]: between rows, columns, matrices.
struct MatrixStrides {
  std::int64_t row, column, batch;
};

struct DotShape {
  explicit DotShape(const KernelRequest& request);
  std::int64_t batch, m, n, k;
  MatrixStrides a, b;  // of A (M, K) and B (K, N) as they are multiplied
};

std::unique_ptr<Kernel> plain_dot_kernel(const KernelRequest& request);

}  // namespace r1::ml
