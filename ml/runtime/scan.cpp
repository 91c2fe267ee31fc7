// Running sums and the largest elements: one item of work is a line along the axis.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/kernel.hpp"

#include <type_traits>

namespace r1::ml {
namespace {

using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

/// Lines of `length` elements, `stride` apart; line k begins at k / stride * length * stride + k % stride.
struct Lines {
  Lines(const Shape& shape, int axis) : length(shape[axis]) {
    for (int k = axis + 1; k < shape.rank(); ++k) stride *= shape[k];
    for (int k = 0; k < axis; ++k) count *= shape[k];
    count *= stride;
  }
  std::int64_t length, stride = 1, count = 1;
};

template <class T>
void run_cumsum(const Exec& exec, const Lines& lines, bool reverse, bool excluded, const T* x,
                T* to) {
  const auto sum_line = KOKKOS_LAMBDA(const std::int64_t line)->void {
    const std::int64_t begin =
        line / lines.stride * lines.length * lines.stride + line % lines.stride;
    T total = T(0);
    for (std::int64_t k = 0; k < lines.length; ++k) {
      const std::int64_t at = begin + (reverse ? lines.length - 1 - k : k) * lines.stride;
      const T before = total;
      total = static_cast<T>(total + x[at]);
      to[at] = excluded ? before : total;
    }
  };
  Kokkos::parallel_for("r1::ml::cumsum", Policy(exec, 0, lines.count), sum_line);
}

class Cumsum final : public Kernel {
 public:
  explicit Cumsum(const KernelRequest& request)
      : lines_(request.operands[0].shape, static_cast<int>(request.attributes.integer("axis"))),
        reverse_(request.attributes.integer("direction") != 0),
        excluded_(request.attributes.integer("own") != 0),
        dtype_(request.operands[0].dtype) {}
  void run(const Launch& launch) const override {
    with_type(dtype_, [&]<class T>() {
      run_cumsum(launch.exec, lines_, reverse_, excluded_,
                 static_cast<const T*>(launch.operands[0]), static_cast<T*>(launch.results[0]));
    });
  }

 private:
  Lines lines_;
  bool reverse_, excluded_;
  Dtype dtype_;
};

/// Does element a come before b among the largest?
template <class T>
KOKKOS_INLINE_FUNCTION bool before(const T* line, std::int64_t a, std::int64_t b) {
  const T x = line[a], y = line[b];
  if constexpr (std::is_floating_point_v<T>) {
    const bool x_is_nan = x != x, y_is_nan = y != y;
    if (x_is_nan != y_is_nan) return x_is_nan;
    if (x_is_nan) return a < b;
  }
  return x > y || (x == y && a < b);
}

/// Each of the k found is the first of those that come after the one before.
template <class T>
void run_top_k(const Exec& exec, std::int64_t lines, std::int64_t length, std::int64_t k,
               const T* x, std::int32_t* to) {
  const auto find = KOKKOS_LAMBDA(const std::int64_t line)->void {
    const T* elements = x + line * length;
    std::int32_t* found = to + line * k;
    for (std::int64_t n = 0; n < k; ++n) {
      std::int64_t best = -1;
      for (std::int64_t i = 0; i < length; ++i) {
        if (n > 0 && !before(elements, found[n - 1], i)) continue;
        if (best < 0 || before(elements, i, best)) best = i;
      }
      found[n] = static_cast<std::int32_t>(best);
    }
  };
  Kokkos::parallel_for("r1::ml::top_k", Policy(exec, 0, lines), find);
}

class TopK final : public Kernel {
 public:
  explicit TopK(const KernelRequest& request)
      : k_(request.attributes.integer("k")),
        lines_(request.operands[0].shape, request.operands[0].shape.rank() - 1),
        dtype_(request.operands[0].dtype) {}
  void run(const Launch& launch) const override {
    with_type(dtype_, [&]<class T>() {
      run_top_k(launch.exec, lines_.count, lines_.length, k_,
                static_cast<const T*>(launch.operands[0]),
                static_cast<std::int32_t*>(launch.results[0]));
    });
  }

 private:
  std::int64_t k_;
  Lines lines_;
  Dtype dtype_;
};

}  // namespace

std::unique_ptr<Kernel> cumsum_kernel(const KernelRequest& request) {
  return std::make_unique<Cumsum>(request);
}
std::unique_ptr<Kernel> top_k_kernel(const KernelRequest& request) {
  return std::make_unique<TopK>(request);
}

}  // namespace r1::ml
