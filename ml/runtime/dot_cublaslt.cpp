// Products of matrices in fp32 and fp64 by cuBLASLt, on the stream of the run. The library counts columns first: a row-major C = A B is its
// C^T = B^T A^T.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "ml/runtime/dot_kernels.hpp"
#include "ml/runtime/owned_handle.hpp"

#include <fmt/format.h>

#include <cublasLt.h>

namespace r1::ml {
namespace {

// What the library recommends for Hopper, and how it wants it to lie.
constexpr std::size_t kMostWorkspace = std::size_t{32} << 20, kAlignment = 256;

void* aligned(void* address) {
  const auto at = reinterpret_cast<std::uintptr_t>(address);
  return static_cast<std::byte*>(address) + (kAlignment - at % kAlignment) % kAlignment;
}

void check(cublasStatus_t status, const char* call) {
  if (status != CUBLAS_STATUS_SUCCESS)
    throw Error(fmt::format("cuBLASLt: {} failed: {}", call, cublasLtGetStatusString(status)));
}

/// Made once and never ended: the device may be gone when a process ends.
cublasLtHandle_t library() {
  static const cublasLtHandle_t handle = [] {
    cublasLtHandle_t made = nullptr;
    check(cublasLtCreate(&made), "cublasLtCreate");
    return made;
  }();
  return handle;
}

using Layout = OwnedHandle<cublasLtMatrixLayout_t, cublasLtMatrixLayoutDestroy>;
using Operation = OwnedHandle<cublasLtMatmulDesc_t, cublasLtMatmulDescDestroy>;
using Preference = OwnedHandle<cublasLtMatmulPreference_t, cublasLtMatmulPreferenceDestroy>;

/// A transposed matrix as the library sees it: (columns, rows) of ours with its first index fastest, or to be transposed. Of a matrix with
/// one row or column both strides may be 1: the other one tells how it lies.
struct Seen {
  Seen(std::int64_t rows, std::int64_t columns, const MatrixStrides& s) : batch(s.batch) {
    if (s.column == 1 && s.row >= columns) {
      first = columns;
      second = rows;
      leading = s.row;
    } else {
      as = CUBLAS_OP_T;
      first = rows;
      second = columns;
      leading = s.column;
    }
  }
  cublasOperation_t as = CUBLAS_OP_N;
  std::int64_t first, second, leading, batch;
};

Layout layout_of(const Seen& m, cudaDataType type, std::int64_t matrices) {
  cublasLtMatrixLayout_t made = nullptr;
  check(cublasLtMatrixLayoutCreate(&made, type, static_cast<std::uint64_t>(m.first),
                                   static_cast<std::uint64_t>(m.second), m.leading),
        "cublasLtMatrixLayoutCreate");
  Layout layout(made);
  const auto count = static_cast<std::int32_t>(matrices);
  check(cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &count,
                                         sizeof count),
        "cublasLtMatrixLayoutSetAttribute");
  check(cublasLtMatrixLayoutSetAttribute(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET,
                                         &m.batch, sizeof m.batch),
        "cublasLtMatrixLayoutSetAttribute");
  return layout;
}

template <class T>
class CublasLtDot final : public Kernel {
 public:
  explicit CublasLtDot(const DotShape& s) {
    const Seen b(s.k, s.n, s.b), a(s.m, s.k, s.a), c(s.m, s.n, {s.n, 1, s.m * s.n});
    b_ = layout_of(b, kType, s.batch);
    a_ = layout_of(a, kType, s.batch);
    c_ = layout_of(c, kType, s.batch);
    cublasLtMatmulDesc_t operation = nullptr;
    check(cublasLtMatmulDescCreate(&operation, kArithmetic, kType), "cublasLtMatmulDescCreate");
    operation_ = Operation(operation);
    set(CUBLASLT_MATMUL_DESC_TRANSA, b.as);
    set(CUBLASLT_MATMUL_DESC_TRANSB, a.as);
    choose_algorithm();
  }
  std::size_t scratch_bytes() const override {
    return algorithm_.workspaceSize == 0 ? 0 : algorithm_.workspaceSize + kAlignment;
  }
  void run(const Launch& launch) const override {
    const T one = 1, zero = 0;
    check(cublasLtMatmul(library(), operation_.get(), &one, launch.operands[1], b_.get(),
                         launch.operands[0], a_.get(), &zero, launch.results[0], c_.get(),
                         launch.results[0], c_.get(), &algorithm_.algo, aligned(launch.scratch),
                         algorithm_.workspaceSize, launch.exec.cuda_stream()),
          "cublasLtMatmul");
  }

 private:
  static constexpr bool kSingle = sizeof(T) == sizeof(float);
  static constexpr cudaDataType kType = kSingle ? CUDA_R_32F : CUDA_R_64F;
  // Not in TF32: a product has the precision of its type.
  static constexpr cublasComputeType_t kArithmetic =
      kSingle ? CUBLAS_COMPUTE_32F : CUBLAS_COMPUTE_64F;

  void set(cublasLtMatmulDescAttributes_t attribute, cublasOperation_t value) {
    check(cublasLtMatmulDescSetAttribute(operation_.get(), attribute, &value, sizeof value),
          "cublasLtMatmulDescSetAttribute");
  }

  /// By the library's rules, not by timing: the same product has the same bits in every run.
  void choose_algorithm() {
    cublasLtMatmulPreference_t made = nullptr;
    check(cublasLtMatmulPreferenceCreate(&made), "cublasLtMatmulPreferenceCreate");
    const Preference preference(made);
    const auto prefer = [made](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
      check(cublasLtMatmulPreferenceSetAttribute(made, attribute, &value, sizeof value),
            "cublasLtMatmulPreferenceSetAttribute");
    };
    prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kMostWorkspace);
    // Views may begin at any element.
    const std::uint32_t alignment = sizeof(T);
    for (const auto operand :
         {CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES,
          CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES})
      prefer(operand, alignment);
    int found = 0;
    check(cublasLtMatmulAlgoGetHeuristic(library(), operation_.get(), b_.get(), a_.get(), c_.get(),
                                         c_.get(), made, 1, &algorithm_, &found),
          "cublasLtMatmulAlgoGetHeuristic");
    if (found == 0) throw Error("cuBLASLt has no algorithm for a product of matrices");
  }

  Layout a_, b_, c_;
  Operation operation_;
  cublasLtMatmulHeuristicResult_t algorithm_{};
};

}  // namespace

std::unique_ptr<Kernel> cublaslt_dot_kernel(const DotShape& shape, Dtype dtype) {
  if (dtype == Dtype::f64) return std::make_unique<CublasLtDot<double>>(shape);
  return std::make_unique<CublasLtDot<float>>(shape);
}

}  // namespace r1::ml
