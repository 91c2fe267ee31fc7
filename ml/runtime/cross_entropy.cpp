// The cross entropy of classes and its gradient, a row of logits at a time.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/cross_entropy_kernels.hpp"
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/rows.hpp"

namespace r1::ml {
namespace {

/// Labels of either integer type.
struct Labels {
  const void* data;
  bool wide;  // i64, else i32
  KOKKOS_INLINE_FUNCTION std::int64_t operator[](std::int64_t row) const {
    return wide ? static_cast<const std::int64_t*>(data)[row]
                : static_cast<const std::int32_t*>(data)[row];
  }
};

template <class T>
struct CrossEntropyRow {
  std::int64_t classes;
  T smoothing;
  const T* logits;     // (N, classes)
  Labels labels;       // (N)
  T *loss, *log_sums;  // (N)

  KOKKOS_INLINE_FUNCTION void operator()(const RowTeam& team, std::int64_t row) const {
    const T* x = logits + row * classes;
    const T largest = max_of_row<T>(team, classes, [&](std::int64_t j) { return x[j]; });
    const T sum = sum_of_row<T>(
        team, classes, [&](std::int64_t j) { return pointwise::Exp::apply(x[j] - largest); });
    const T log_sum = largest + Kokkos::log(sum);
    const std::int64_t label = labels[row];
    T log_p = label >= 0 && label < classes ? (1 - smoothing) * (x[label] - log_sum) : T(0);
    if (smoothing != 0)
      log_p += smoothing / static_cast<T>(classes) *
               sum_of_row<T>(team, classes, [&](std::int64_t j) { return x[j] - log_sum; });
    loss[row] = -log_p;  // every thread of a group writes the same
    log_sums[row] = log_sum;
  }
};

template <class T>
struct CrossEntropyGradientRow {
  std::int64_t classes;
  T smoothing;
  const T* logits;                // (N, classes)
  Labels labels;                  // (N)
  const T *log_sums, *of_losses;  // (N)
  T* to;                          // (N, classes)

  KOKKOS_INLINE_FUNCTION void operator()(const RowTeam& team, std::int64_t row) const {
    const T* x = logits + row * classes;
    T* slopes = to + row * classes;
    const std::int64_t label = labels[row];
    const T own = label >= 0 && label < classes ? 1 - smoothing : T(0);
    const T log_sum = log_sums[row], factor = of_losses[row], weight = own + smoothing,
            each = smoothing / static_cast<T>(classes);
    for_each_in_row(team, classes, [&](std::int64_t j) {
      const T p = pointwise::Exp::apply(x[j] - log_sum);
      slopes[j] = factor * (p * weight - (j == label ? own : T(0)) - each);
    });
  }
};

/// What both kernels know.
class CrossEntropyBase : public Kernel {
 protected:
  explicit CrossEntropyBase(const KernelRequest& request)
      : samples_(request.operands[0].shape[0]),
        classes_(request.operands[0].shape[1]),
        dtype_(request.operands[0].dtype),
        wide_(request.operands[1].dtype == Dtype::i64),
        smoothing_(request.attributes.real("label_smoothing")) {}
  std::int64_t samples_, classes_;
  Dtype dtype_;
  bool wide_;
  double smoothing_;
};

class CrossEntropyKernel final : public CrossEntropyBase {
 public:
  explicit CrossEntropyKernel(const KernelRequest& request) : CrossEntropyBase(request) {}
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      const CrossEntropyRow<T> row{classes_,
                                   static_cast<T>(smoothing_),
                                   static_cast<const T*>(launch.operands[0]),
                                   {launch.operands[1], wide_},
                                   static_cast<T*>(launch.results[0]),
                                   static_cast<T*>(launch.results[1])};
      for_each_row(launch.exec, "r1::ml::softmax_cross_entropy", samples_, row);
    });
  }
};

class CrossEntropyGradientKernel final : public CrossEntropyBase {
 public:
  explicit CrossEntropyGradientKernel(const KernelRequest& request) : CrossEntropyBase(request) {}
  bool in_place(int, int operand) const override { return operand == 0; }
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      const auto in = [&](std::size_t k) { return static_cast<const T*>(launch.operands[k]); };
      const CrossEntropyGradientRow<T> row{
          classes_, static_cast<T>(smoothing_),        in(0), {launch.operands[1], wide_}, in(2),
          in(3),    static_cast<T*>(launch.results[0])};
      for_each_row(launch.exec, "r1::ml::softmax_cross_entropy_gradient", samples_, row);
    });
  }
};

}  // namespace

std::unique_ptr<Kernel> cross_entropy_kernel(const KernelRequest& request) {
  return std::make_unique<CrossEntropyKernel>(request);
}

std::unique_ptr<Kernel> cross_entropy_gradient_kernel(const KernelRequest& request) {
  return std::make_unique<CrossEntropyGradientKernel>(request);
}

}  // namespace r1::ml
