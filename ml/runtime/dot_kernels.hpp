// Who computes products of matrices: dot_kernel() chooses among these by element type and size. One of dot_host.cpp,
// dot_cuda.cpp and dot_unaided.cpp is linked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/kernel.hpp"

#include <cstdint>
#include <memory>

namespace r1::ml {

/// Strides of one matrix of a batch [elements]: between rows, columns, matrices.
struct MatrixStrides {
  std::int64_t row, column, batch;
};

struct DotShape {
  explicit DotShape(const KernelRequest& request);
  bool empty() const { return batch * m * n * k == 0; }
  std::int64_t batch, m, n, k;
  MatrixStrides a, b;  // of A (M, K) and B (K, N) as they are multiplied; C (M, N) is contiguous
};

/// For every element type: for those that the field's libraries do not have, and to check them against.
std::unique_ptr<Kernel> plain_dot_kernel(const KernelRequest& request);
/// fp32, by oneDNN.
std::unique_ptr<Kernel> dnnl_dot_kernel(const DotShape& shape);
/// fp64, by OpenBLAS.
std::unique_ptr<Kernel> openblas_dot_kernel(const DotShape& shape);
/// fp32 and fp64, by cuBLASLt.
std::unique_ptr<Kernel> cublaslt_dot_kernel(const DotShape& shape, Dtype dtype);

}  // namespace r1::ml
