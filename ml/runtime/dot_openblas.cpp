// Products of matrices in fp64 by OpenBLAS, one matrix of the batch after the other.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dot_kernels.hpp"

#include <algorithm>
#include <cblas.h>

namespace r1::ml {
namespace {

struct Operand {
  // Of a single row or column the stride may be less than the library asks for, and does not matter.
  Operand(const MatrixStrides& strides, std::int64_t rows, std::int64_t columns)
      : as(strides.column == 1 ? CblasNoTrans : CblasTrans),
        leading(static_cast<blasint>(as == CblasNoTrans ? std::max(strides.row, columns)
                                                        : std::max(strides.column, rows))) {}
  CBLAS_TRANSPOSE as;
  blasint leading;
};

class OpenBlasDot final : public Kernel {
 public:
  explicit OpenBlasDot(const DotShape& shape) : shape_(shape) {}
  void run(const Launch& launch) const override {
    launch.exec.fence("the library's threads are not the stream's");
    const Operand a(shape_.a, shape_.m, shape_.k), b(shape_.b, shape_.k, shape_.n);
    const auto *from_a = static_cast<const double*>(launch.operands[0]),
               *from_b = static_cast<const double*>(launch.operands[1]);
    auto* to = static_cast<double*>(launch.results[0]);
    const auto m = static_cast<blasint>(shape_.m), n = static_cast<blasint>(shape_.n),
               k = static_cast<blasint>(shape_.k);
    for (std::int64_t batch = 0; batch < shape_.batch; ++batch)
      cblas_dgemm(CblasRowMajor, a.as, b.as, m, n, k, 1.0, from_a + batch * shape_.a.batch,
                  a.leading, from_b + batch * shape_.b.batch, b.leading, 0.0,
                  to + batch * shape_.m * shape_.n, n);
  }

 private:
  DotShape shape_;
};

}  // namespace

std::unique_ptr<Kernel> openblas_dot_kernel(const DotShape& shape) {
  return std::make_unique<OpenBlasDot>(shape);
}

}  // namespace r1::ml
