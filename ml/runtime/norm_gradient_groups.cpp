// The gradient of layer and RMS norm on GPUs: a group of threads takes a row of dx; then a thread takes a column of a piece of the rows, for
// the sums over rows, and groups put pieces together.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/groups.hpp"
#include "ml/runtime/norm_kernels.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

template <class T, bool centred>
struct NormGradientArrays {
  NormShape shape;
  const T *x, *scale, *mean, *r, *dy;  // mean: null unless centred
  T* dx;

  /// u = (x - mean) r at an element of a row.
  KOKKOS_INLINE_FUNCTION T normal(std::int64_t row, std::int64_t i) const {
    const T value = x[row * shape.features + i];
    return (centred ? value - mean[row] : value) * r[row];
  }
  KOKKOS_INLINE_FUNCTION T slope(std::int64_t row, std::int64_t i) const {
    return dy[row * shape.features + i];
  }
};

template <class T, bool centred>
struct SlopesOfRow {
  NormGradientArrays<T, centred> a;

  KOKKOS_INLINE_FUNCTION void operator()(const Member& member, std::int64_t row) const {
    const std::int64_t features = a.shape.features;
    T g_sum = 0, gu_sum = 0;
    if constexpr (centred)
      Kokkos::parallel_reduce(
          Kokkos::ThreadVectorRange(member, features),
          [&](std::int64_t i, T& sum) { sum += a.slope(row, i) * a.scale[i]; }, g_sum);
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(member, features),
        [&](std::int64_t i, T& sum) { sum += a.slope(row, i) * a.scale[i] * a.normal(row, i); },
        gu_sum);
    const T count = static_cast<T>(features), inverse = a.r[row];
    Kokkos::parallel_for(Kokkos::ThreadVectorRange(member, features), [&](std::int64_t i) {
      a.dx[row * features + i] = inverse * (a.slope(row, i) * a.scale[i] - g_sum / count -
                                            a.normal(row, i) * (gu_sum / count));
    });
  }
};

/// sums (parts, features, pieces): of dy u, and of dy where centred.
template <class T, bool centred>
struct SumsOfPiece {
  NormGradientArrays<T, centred> a;
  std::int64_t pieces, size;  // size: rows of a piece
  T* sums;

  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t features = a.shape.features, i = item % features, piece = item / features;
    const std::int64_t end = (piece + 1) * size < a.shape.rows ? (piece + 1) * size : a.shape.rows;
    T of_scale = 0, of_shift = 0;
    for (std::int64_t row = piece * size; row < end; ++row) {
      of_scale += a.slope(row, i) * a.normal(row, i);
      of_shift += a.slope(row, i);
    }
    sums[i * pieces + piece] = of_scale;
    if constexpr (centred) sums[(features + i) * pieces + piece] = of_shift;
  }
};

template <class T>
struct JoinSums {
  std::int64_t features, pieces;
  const T* sums;
  T *of_scale, *of_shift;

  KOKKOS_INLINE_FUNCTION void operator()(const Member& member, std::int64_t item) const {
    T total = 0;
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(member, pieces),
        [&](std::int64_t k, T& sum) { sum += sums[item * pieces + k]; }, total);
    (item < features ? of_scale[item] : of_shift[item - features]) = total;
  }
};

class GroupNormGradient final : public Kernel {
 public:
  explicit GroupNormGradient(const KernelRequest& request)
      : shape_(request.operands[0]),
        dtype_(request.operands[0].dtype),
        centred_(request.results.size() == 3) {
    constexpr std::int64_t kPieceRows = 16, kMostPieces = 256;
    const auto wanted = std::clamp<std::int64_t>(shape_.rows / kPieceRows, 1, kMostPieces);
    size_ = std::max<std::int64_t>((shape_.rows + wanted - 1) / wanted, 1);
    pieces_ = (shape_.rows + size_ - 1) / size_;
  }
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(2 * pieces_ * shape_.features) * size_of(dtype_);
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
    const std::size_t r = centred ? 3 : 2;
    const NormGradientArrays<T, centred> arrays{shape_, in(0),     in(1), centred ? in(2) : nullptr,
                                                in(r),  in(r + 1), out(0)};
    auto* sums = static_cast<T*>(launch.scratch);
    for_each_by_group(launch.exec, "r1::ml::norm_gradient", shape_.rows,
                      SlopesOfRow<T, centred>{arrays});
    Kokkos::parallel_for("r1::ml::norm_gradient_pieces",
                         Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(
                             launch.exec, 0, pieces_ * shape_.features),
                         SumsOfPiece<T, centred>{arrays, pieces_, size_, sums});
    for_each_by_group(
        launch.exec, "r1::ml::norm_gradient_sums", (centred ? 2 : 1) * shape_.features,
        JoinSums<T>{shape_.features, pieces_, sums, out(1), centred ? out(2) : nullptr});
  }

  NormShape shape_;
  Dtype dtype_;
  bool centred_;
  std::int64_t size_ = 1, pieces_ = 0;
};

}  // namespace

std::unique_ptr<Kernel> group_norm_gradient_kernel(const KernelRequest& request) {
  return std::make_unique<GroupNormGradient>(request);
}

}  // namespace r1::ml
