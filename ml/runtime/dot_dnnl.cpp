// Products of matrices in fp32 by oneDNN.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dnnl.hpp"
#include "ml/runtime/dot_kernels.hpp"

namespace r1::ml {
namespace {

class DnnlDot final : public Kernel {
 public:
  explicit DnnlDot(const DotShape& s) {
    const auto a = matrices({s.batch, s.m, s.k}, s.a), b = matrices({s.batch, s.k, s.n}, s.b),
               c = matrices({s.batch, s.m, s.n}, {s.n, 1, s.m * s.n});
    dnnl_matmul_desc_t operation;
    dnnl::check(dnnl_matmul_desc_init(&operation, &a, &b, nullptr, &c), "matmul_desc_init");
    const auto attributes = dnnl::user_scratch();
    dnnl_primitive_desc_t description = nullptr;
    dnnl::check(dnnl_primitive_desc_create(&description, &operation, attributes.get(),
                                           dnnl::engine(), nullptr),
                "primitive_desc_create");
    execution_ = dnnl::Execution(dnnl::PrimitiveDesc(description),
                                 {{DNNL_ARG_SRC, a}, {DNNL_ARG_WEIGHTS, b}, {DNNL_ARG_DST, c}});
  }
  std::size_t scratch_bytes() const override { return execution_.scratch_bytes(); }
  void run(const Launch& launch) const override {
    launch.exec.fence("the library's threads are not the stream's");
    execution_.run({launch.operands[0], launch.operands[1], launch.results[0]}, launch.scratch);
  }

 private:
  static dnnl_memory_desc_t matrices(const std::vector<dnnl_dim_t>& extents,
                                     const MatrixStrides& strides) {
    if (extents[0] == 1)
      return dnnl::strided({extents[1], extents[2]}, {strides.row, strides.column});
    return dnnl::strided(extents, {strides.batch, strides.row, strides.column});
  }
  dnnl::Execution execution_;
};

}  // namespace

std::unique_ptr<Kernel> dnnl_dot_kernel(const DotShape& shape) {
  return std::make_unique<DnnlDot>(shape);
}

}  // namespace r1::ml
