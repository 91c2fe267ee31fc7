// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/dot_kernels.hpp"

#include <type_traits>

namespace r1::ml {
namespace {

/// One item of work is a row of the result: sums run over K in order.
template <class T>
void run_dot(const Exec& exec, const DotShape& s, const T* a, const T* b, T* c) {
  using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
  const auto multiply_row = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const T* row = a + item / s.m * s.a.batch + item % s.m * s.a.row;
    const T* matrix = b + item / s.m * s.b.batch;
    T* to = c + item * s.n;
    for (std::int64_t j = 0; j < s.n; ++j) to[j] = T(0);
    for (std::int64_t k = 0; k < s.k; ++k) {
      const T factor = row[k * s.a.column];
      const T* line = matrix + k * s.b.row;
      for (std::int64_t j = 0; j < s.n; ++j)
        to[j] = static_cast<T>(to[j] + factor * line[j * s.b.column]);
    }
  };
  Kokkos::parallel_for("r1::ml::dot", Policy(exec, 0, s.batch * s.m), multiply_row);
}

class PlainDot final : public Kernel {
 public:
  explicit PlainDot(const KernelRequest& request)
      : shape_(request), dtype_(request.results[0].dtype) {}
  void run(const Launch& launch) const override {
    with_type(dtype_, [&]<class T>() {
      run_dot(launch.exec, shape_, static_cast<const T*>(launch.operands[0]),
              static_cast<const T*>(launch.operands[1]), static_cast<T*>(launch.results[0]));
    });
  }

 private:
  DotShape shape_;
  Dtype dtype_;
};

MatrixStrides strides_of(const Shape& shape, bool transposed) {
  const auto rows = shape[1], columns = shape[2];
  return transposed ? MatrixStrides{1, columns, rows * columns}
                    : MatrixStrides{columns, 1, rows * columns};
}

}  // namespace

DotShape::DotShape(const KernelRequest& request)
    : batch(request.results[0].shape[0]),
      m(request.results[0].shape[1]),
      n(request.results[0].shape[2]),
      k(request.operands[0].shape[request.attributes.integer("a_as") == 0 ? 2 : 1]),
      a(strides_of(request.operands[0].shape, request.attributes.integer("a_as") != 0)),
      b(strides_of(request.operands[1].shape, request.attributes.integer("b_as") != 0)) {}

std::unique_ptr<Kernel> plain_dot_kernel(const KernelRequest& request) {
  return std::make_unique<PlainDot>(request);
}

}  // namespace r1::ml
