// Layer and RMS norm, a row at a time: what is read once stays in the cache for the other passes over the row.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/norm_kernels.hpp"
#include "ml/runtime/rows.hpp"

namespace r1::ml {
namespace {

template <class T, bool centred>
struct NormRow {
  std::int64_t features;
  T epsilon;
  const T *x, *scale, *shift;  // (rows, features), (features), (features) or null
  T *y, *mean, *r;             // (rows, features), (rows), (rows)

  KOKKOS_INLINE_FUNCTION void operator()(const RowTeam& team, std::int64_t row) const {
    const T* from = x + row * features;
    T* to = y + row * features;
    const T count = static_cast<T>(features);
    T m = 0;
    if constexpr (centred)
      m = sum_of_row<T>(team, features, [&](std::int64_t i) { return from[i]; }) / count;
    const T variance =
        sum_of_row<T>(team, features,
                      [&](std::int64_t i) { return (from[i] - m) * (from[i] - m); }) /
        count;
    const T inverse = T(1) / Kokkos::sqrt(variance + epsilon);
    const T *a = scale, *b = shift;
    if (b != nullptr)
      for_each_in_row(team, features,
                      [&](std::int64_t i) { to[i] = (from[i] - m) * inverse * a[i] + b[i]; });
    else
      for_each_in_row(team, features,
                      [&](std::int64_t i) { to[i] = (from[i] - m) * inverse * a[i]; });
    if constexpr (centred) mean[row] = m;  // every thread of a group writes the same
    r[row] = inverse;
  }
};

class NormKernel final : public Kernel {
 public:
  explicit NormKernel(const KernelRequest& request)
      : shape_(request.operands[0]),
        dtype_(request.operands[0].dtype),
        epsilon_(request.attributes.real("epsilon")),
        centred_(request.results.size() == 3) {}
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      if (centred_)
        run_as<T, true>(launch);
      else
        run_as<T, false>(launch);
    });
  }

 private:
  template <class T, bool centred>
  void run_as(const Launch& launch) const {
    const auto in = [&](std::size_t k) {
      return k < launch.operands.size() ? static_cast<const T*>(launch.operands[k]) : nullptr;
    };
    const auto out = [&](std::size_t k) { return static_cast<T*>(launch.results[k]); };
    const NormRow<T, centred> row{
        shape_.features, static_cast<T>(epsilon_), in(0), in(1), in(2), out(0),
        out(1),          out(centred ? 2 : 1)};
    for_each_row(launch.exec, "r1::ml::norm", shape_.rows, row);
  }
  NormShape shape_;
  Dtype dtype_;
  double epsilon_;
  bool centred_;
};

}  // namespace

std::unique_ptr<Kernel> norm_kernel(const KernelRequest& request) {
  return std::make_unique<NormKernel>(request);
}

}  // namespace r1::ml
