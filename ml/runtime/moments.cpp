// Mean and variance of channels. Pieces that stay in the cache are looked at twice, for their mean and for the squares of what is left, and
// then put together (Chan, Golub, LeVeque, "Algorithms for computing the sample variance", 1983, eq. 2.1):
//   mean = sum of n_b mean_b / n,   n variance = sum of s_b + n_b (mean_b - mean)^2.
// Pieces depend on the shape alone.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/moments_kernel.hpp"
#include "ml/runtime/rows.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

/// Pieces of x: rows of places with all channels, or a line of places of one image's channel.
struct MomentsShape {
  std::int64_t channels = 1, places = 1;  // places: N P, or P where channels come first
  std::int64_t pieces = 0, rows = 1;      // pieces of a channel, places of a piece
  bool channels_last = false;

  explicit MomentsShape(const KernelRequest& request)
      : channels_last(request.attributes.integer("channels_last") != 0) {
    constexpr std::int64_t kPiece = 8192;  // elements: half of a first-level cache
    const Shape& x = request.operands[0].shape;
    channels = request.results[0].shape[0];
    if (channels == 0) return;
    places = x.elements() / channels;
    if (channels_last) {
      rows = std::max<std::int64_t>(kPiece / channels, 1);
      pieces = (places + rows - 1) / rows;
    } else {
      pieces = x[0];
      rows = pieces == 0 ? 0 : places / pieces;
    }
  }
  KOKKOS_INLINE_FUNCTION std::int64_t size_of_piece(std::int64_t piece) const {
    return (piece + 1) * rows < places ? rows : places - piece * rows;
  }
};

template <class T>
struct PieceOfRows {
  MomentsShape s;
  const T* x;
  T *means, *squares;  // (pieces, channels)

  KOKKOS_INLINE_FUNCTION void operator()(const RowTeam& team, std::int64_t piece) const {
    const std::int64_t n = s.size_of_piece(piece), channels = s.channels;
    const T* from = x + piece * s.rows * channels;
    T *mean = means + piece * channels, *square = squares + piece * channels;
    for_each_in_row(team, channels, [&](std::int64_t j) { mean[j] = square[j] = 0; });
    for (std::int64_t row = 0; row < n; ++row)
      for_each_in_row(team, channels, [&](std::int64_t j) { mean[j] += from[row * channels + j]; });
    const T count = static_cast<T>(n);
    for_each_in_row(team, channels, [&](std::int64_t j) { mean[j] /= count; });
    for (std::int64_t row = 0; row < n; ++row)
      for_each_in_row(team, channels, [&](std::int64_t j) {
        const T left = from[row * channels + j] - mean[j];
        square[j] += left * left;
      });
  }
};

template <class T>
struct PieceOfLine {
  MomentsShape s;
  const T* x;
  T *means, *squares;  // (pieces, channels)

  /// item: image and channel
  KOKKOS_INLINE_FUNCTION void operator()(const RowTeam& team, std::int64_t item) const {
    const T* from = x + item * s.rows;
    const T mean = sum_of_row<T>(team, s.rows, [&](std::int64_t i) { return from[i]; }) /
                   static_cast<T>(s.rows);
    const T square = sum_of_row<T>(
        team, s.rows, [&](std::int64_t i) { return (from[i] - mean) * (from[i] - mean); });
    means[item] = mean;  // every thread of a group writes the same
    squares[item] = square;
  }
};

template <class T>
struct JoinMoments {
  MomentsShape s;
  const T *means, *squares;  // (pieces, channels)
  T *mean, *variance;

  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t channel) const {
    T sum = 0, square = 0;
    for (std::int64_t k = 0; k < s.pieces; ++k)
      sum += means[k * s.channels + channel] * static_cast<T>(s.size_of_piece(k));
    const T whole = sum / static_cast<T>(s.places);
    for (std::int64_t k = 0; k < s.pieces; ++k) {
      const T off = means[k * s.channels + channel] - whole;
      square += squares[k * s.channels + channel] + off * off * static_cast<T>(s.size_of_piece(k));
    }
    mean[channel] = whole;
    variance[channel] = square / static_cast<T>(s.places);
  }
};

class MomentsKernel final : public Kernel {
 public:
  explicit MomentsKernel(const KernelRequest& request)
      : shape_(request), dtype_(request.operands[0].dtype) {}
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(2 * shape_.pieces * shape_.channels) * size_of(dtype_);
  }
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      const auto* x = static_cast<const T*>(launch.operands[0]);
      auto* means = static_cast<T*>(launch.scratch);
      T* squares = means + shape_.pieces * shape_.channels;
      if (shape_.channels_last)
        for_each_row(launch.exec, "r1::ml::channel_moments", shape_.pieces,
                     PieceOfRows<T>{shape_, x, means, squares});
      else
        for_each_row(launch.exec, "r1::ml::channel_moments", shape_.pieces * shape_.channels,
                     PieceOfLine<T>{shape_, x, means, squares});
      const JoinMoments<T> join{shape_, means, squares, static_cast<T*>(launch.results[0]),
                                static_cast<T*>(launch.results[1])};
      Kokkos::parallel_for("r1::ml::channel_moments_join",
                           Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(
                               launch.exec, 0, shape_.channels),
                           join);
    });
  }

 private:
  MomentsShape shape_;
  Dtype dtype_;
};

}  // namespace

std::unique_ptr<Kernel> channel_moments_kernel(const KernelRequest& request) {
  return std::make_unique<MomentsKernel>(request);
}

}  // namespace r1::ml
