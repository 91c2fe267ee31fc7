// The gradient of layer and RMS norm on CPUs, a row at a time. Sums over rows are taken in blocks of rows, whose number depends on the shape
// alone, and then over the blocks.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/norm_kernels.hpp"
#include "ml/runtime/rows.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

template <class T, bool centred>
struct NormGradientBlock {
  std::int64_t rows, features, size;  // of a block, in rows
  const T *x, *scale, *mean, *r, *dy;
  T *dx, *sums;  // sums: (blocks, 2, features), of dy u and dy

  KOKKOS_INLINE_FUNCTION void operator()(const RowTeam& team, std::int64_t block) const {
    T *of_scale = sums + block * 2 * features, *of_shift = of_scale + features;
    for_each_in_row(team, features, [&](std::int64_t i) { of_scale[i] = of_shift[i] = 0; });
    const std::int64_t end = (block + 1) * size < rows ? (block + 1) * size : rows;
    for (std::int64_t row = block * size; row < end; ++row) one_row(team, row, of_scale, of_shift);
  }
  KOKKOS_INLINE_FUNCTION void one_row(const RowTeam& team, std::int64_t row, T* of_scale,
                                      T* of_shift) const {
    const T *from = x + row * features, *by = dy + row * features, *a = scale;
    T* to = dx + row * features;
    const T inverse = r[row], count = static_cast<T>(features);
    T m = 0, g_mean = 0;
    if constexpr (centred) {
      m = mean[row];
      g_mean = sum_of_row<T>(team, features, [&](std::int64_t i) { return by[i] * a[i]; }) / count;
    }
    const T gu_mean =
        sum_of_row<T>(team, features,
                      [&](std::int64_t i) { return by[i] * a[i] * ((from[i] - m) * inverse); }) /
        count;
    for_each_in_row(team, features, [&](std::int64_t i) {
      const T u = (from[i] - m) * inverse;
      to[i] = inverse * (by[i] * a[i] - g_mean - u * gu_mean);
      of_scale[i] += by[i] * u;
      if constexpr (centred) of_shift[i] += by[i];
    });
  }
};

/// to[j] = the sum over blocks of sums[block, part, j].
template <class T>
struct JoinBlocks {
  std::int64_t blocks, features;
  const T* sums;
  T* to[2];

  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t part = item / features, j = item % features;
    T total = 0;
    for (std::int64_t block = 0; block < blocks; ++block)
      total += sums[(2 * block + part) * features + j];
    to[part][j] = total;
  }
};

class HostNormGradient final : public Kernel {
 public:
  explicit HostNormGradient(const KernelRequest& request)
      : shape_(request.operands[0]),
        dtype_(request.operands[0].dtype),
        centred_(request.results.size() == 3) {
    constexpr std::int64_t kBlockRows = 16, kMostBlocks = 128;
    const auto wanted = std::clamp<std::int64_t>(shape_.rows / kBlockRows, 1, kMostBlocks);
    block_ = std::max<std::int64_t>((shape_.rows + wanted - 1) / wanted, 1);
    blocks_ = (shape_.rows + block_ - 1) / block_;
  }
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(2 * blocks_ * shape_.features) * size_of(dtype_);
  }
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
    const auto in = [&](std::size_t k) { return static_cast<const T*>(launch.operands[k]); };
    const auto out = [&](std::size_t k) { return static_cast<T*>(launch.results[k]); };
    auto* sums = static_cast<T*>(launch.scratch);
    const std::size_t r = centred ? 3 : 2;
    const NormGradientBlock<T, centred> block{
        shape_.rows, shape_.features, block_, in(0), in(1), in(2), in(r), in(r + 1), out(0), sums};
    for_each_row(launch.exec, "r1::ml::norm_gradient", blocks_, block);
    const JoinBlocks<T> join{blocks_, shape_.features, sums, {out(1), centred ? out(2) : nullptr}};
    const std::int64_t parts = centred ? 2 : 1;
    Kokkos::parallel_for("r1::ml::norm_gradient_sums",
                         Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(
                             launch.exec, 0, parts * shape_.features),
                         join);
  }
  NormShape shape_;
  Dtype dtype_;
  bool centred_;
  std::int64_t block_ = 1, blocks_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> host_norm_gradient_kernel(const KernelRequest& request) {
  return std::make_unique<HostNormGradient>(request);
}

}  // namespace r1::ml
