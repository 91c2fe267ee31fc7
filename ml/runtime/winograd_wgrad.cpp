// The gradient of the kernel: an item of work is a chunk of tiles with some of the channels of both images, whose sum has memory of its
// own; then chunks are added up in their order. Chunks depend on the shape alone.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/winograd.hpp"
#include "ml/runtime/winograd_tiles.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

using namespace winograd;

constexpr std::int64_t kChunk = 512;    // tiles
constexpr std::int64_t kTiles = 32;     // that are transformed at a time
constexpr std::int64_t kChannels = 64;  // of an item, of either image
constexpr std::int64_t kPoint = apart(kTiles * kChannels),
                       kPointOfSum = apart(kChannels * kChannels);
constexpr std::int64_t kSum = kPoints * kPointOfSum;  // elements of an item's sum

struct Gradient {
  Image x, dy;
  std::int64_t tiles;

  std::int64_t chunks() const { return (tiles + kChunk - 1) / kChunk; }
  static std::int64_t parts(const Image& image) {
    return (image.channels + kChannels - 1) / kChannels;
  }
  std::int64_t items() const { return chunks() * parts(x) * parts(dy); }
};

Gradient gradient_of(const ConvShape& s) {
  const std::int64_t down = (s.output[1] + kOut - 1) / kOut,
                     across = (s.output[2] + kOut - 1) / kOut;
  return {{s.input[1], s.input[2], s.c, {s.low[1], s.low[2]}, down, across},
          {s.output[1], s.output[2], s.o, {0, 0}, down, across},
          s.n * down * across};
}

/// sums (chunks, parts of x, parts of dy, points, kChannels of x, kChannels of dy): (A dy A^T) . (B^T x B).
struct SumChunk {
  Gradient g;
  std::int64_t workers;
  const float *x, *dy;
  float *sums, *scratch;  // scratch: (workers, elements)
  static constexpr std::int64_t kElements = 2 * kPoints * kPoint;

  void operator()(std::int64_t worker) const {
    const std::int64_t in_dy = Gradient::parts(g.dy), in_x = Gradient::parts(g.x);
    for (std::int64_t item = worker; item < g.items(); item += workers) {
      const std::int64_t chunk = item / in_dy / in_x, c = item / in_dy % in_x * kChannels,
                         o = item % in_dy * kChannels;
      float* sum = sums + item * kSum;
      const std::int64_t end = (chunk + 1) * kChunk < g.tiles ? (chunk + 1) * kChunk : g.tiles;
      float* own = scratch + worker * kElements;
      const auto tiles_from = [&](std::int64_t tile) {
        return end - tile < kTiles ? end - tile : kTiles;
      };
      add<Sum::replaces>(chunk * kChunk, tiles_from(chunk * kChunk), c, o, own, sum);
      for (std::int64_t tile = chunk * kChunk + kTiles; tile < end; tile += kTiles)
        add<Sum::adds>(tile, tiles_from(tile), c, o, own, sum);
    }
  }

  template <Sum how>
  void add(std::int64_t first, std::int64_t n, std::int64_t c, std::int64_t o, float* memory,
           float* sum) const {
    float *v = memory, *z = memory + kPoints * kPoint;  // (points, kTiles, kChannels)
    const std::int64_t in_x = g.x.channels - c < kChannels ? g.x.channels - c : kChannels,
                       in_dy = g.dy.channels - o < kChannels ? g.dy.channels - o : kChannels;
    for (std::int64_t tile = 0; tile < n; ++tile) {
      transform<kTile>(g.x, x, first + tile, c, in_x, OfInput(), v + tile * kChannels);
      transform<kOut>(g.dy, dy, first + tile, o, in_dy, OfSlope(), z + tile * kChannels);
    }
    for (std::int64_t point = 0; point < kPoints; ++point) {
      const std::int64_t at = point * kPoint;
      tile_product<how>(in_x, in_dy, n, Strided<const float>{v + at, 1, kChannels}, z + at,
                        kChannels, sum + point * kPointOfSum, kChannels);
    }
  }

  template <int extent, class Transform>
  void transform(const Image& image, const float* from, std::int64_t tile, std::int64_t channel,
                 std::int64_t channels, const Transform& matrix, float* to) const {
    const auto corner = image.corner(tile);
    const float zeros[kLanes] = {};
    for (std::int64_t j = 0; j < channels; j += kLanes)
      on_both_sides(image.places<extent>(from, corner, channel + j, zeros),
                    places_at<kTile>(to + j, kPoint), matrix);
  }
};

/// dw (outs, ins, 3, 3) = G^T sum G.
struct JoinChunks {
  Gradient g;
  const float* sums;
  float* dw;

  /// item: lanes of outs, and one of the ins
  void operator()(std::int64_t item) const {
    const std::int64_t ins = g.x.channels, in = item % ins, out = item / ins * kLanes;
    const std::int64_t parts = Gradient::parts(g.x) * Gradient::parts(g.dy);
    const std::int64_t part = in / kChannels * Gradient::parts(g.dy) + out / kChannels;
    const float* from = sums + part * kSum + in % kChannels * kChannels + out % kChannels;
    float total[kPoints][kLanes] = {}, taps[kTaps * kTaps][kLanes];
    for (std::int64_t chunk = 0; chunk < g.chunks(); ++chunk)
      for (int point = 0; point < kPoints; ++point)
        for (int lane = 0; lane < kLanes; ++lane)
          total[point][lane] += from[chunk * parts * kSum + point * kPointOfSum + lane];
    on_both_sides(places_at<kTile>(static_cast<const float*>(total[0]), kLanes),
                  places_at<kTaps>(taps[0], kLanes), ToKernel());
    for (int lane = 0; lane < kLanes; ++lane)
      for (int k = 0; k < kTaps * kTaps; ++k)
        dw[((out + lane) * ins + in) * kTaps * kTaps + k] = taps[k][lane];
  }
};

class WinogradWgrad final : public Kernel {
 public:
  explicit WinogradWgrad(const ConvShape& shape)
      : g_(gradient_of(shape)),
        workers_(std::min<std::int64_t>(Exec().concurrency(), g_.items())) {}
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(g_.items() * kSum + workers_ * SumChunk::kElements) *
           sizeof(float);
  }
  void run(const Launch& launch) const override {
    auto* sums = static_cast<float*>(launch.scratch);
    using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
    Kokkos::parallel_for(
        "r1::ml::winograd_wgrad", Policy(launch.exec, 0, workers_),
        SumChunk{g_, workers_, static_cast<const float*>(launch.operands[0]),
                 static_cast<const float*>(launch.operands[1]), sums, sums + g_.items() * kSum});
    Kokkos::parallel_for("r1::ml::winograd_wgrad_join",
                         Policy(launch.exec, 0, g_.dy.channels / kLanes * g_.x.channels),
                         JoinChunks{g_, sums, static_cast<float*>(launch.results[0])});
  }

 private:
  Gradient g_;
  std::int64_t workers_;
};

}  // namespace

std::unique_ptr<Kernel> winograd_wgrad_kernel(const ConvShape& shape) {
  return std::make_unique<WinogradWgrad>(shape);
}

}  // namespace r1::ml
