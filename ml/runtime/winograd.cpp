// The forward part and dgrad, which is the forward part of the transposed kernel, turned around. First the kernel is transformed; then
// an item of work is a block of tiles with some of the channels of the result.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/winograd.hpp"

#include "ml/runtime/winograd_tiles.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

using namespace winograd;

constexpr std::int64_t kTiles =
    48;  // of a block, at most: what it works on stays in a second-level cache
constexpr std::int64_t kColumns = 64;  // channels of the result

/// x (N, H, W, ins) and w to y (N, H', W', outs).
struct Convolution {
  Image in, out;
  std::int64_t images;
  bool turned;  // w is (ins, outs, 3, 3), turned around; else (outs, ins, 3, 3)

  std::int64_t tiles() const { return images * out.tiles_down * out.tiles_across; }
  std::int64_t kernel_elements() const { return kPoints * in.channels * out.channels; }
};

/// One side of the convolution; `low` of the padding.
Convolution convolution_of(const ConvShape& s, ConvPart part) {
  const bool forward = part == ConvPart::forward;
  const auto *from = forward ? s.input : s.output, *to = forward ? s.output : s.input;
  const auto padding = [&](int d) { return forward ? s.low[d] : kTaps - 1 - s.low[d]; };
  const std::int64_t down = (to[1] + kOut - 1) / kOut, across = (to[2] + kOut - 1) / kOut;
  return {{from[1], from[2], forward ? s.c : s.o, {padding(1), padding(2)}, down, across},
          {to[1], to[2], forward ? s.o : s.c, {0, 0}, down, across},
          s.n,
          !forward};
}

/// u (points, outs / lanes, ins, lanes): G w G^T.
struct TransformKernel {
  Convolution c;
  const float* w;
  float* u;

  /// item: lanes of outs, and one of the ins
  void operator()(std::int64_t item) const {
    const std::int64_t ins = c.in.channels, panel = item / ins, in = item % ins;
    float taps[kTaps * kTaps][kLanes];
    for (int lane = 0; lane < kLanes; ++lane) {
      const std::int64_t out = panel * kLanes + lane;
      const float* from =
          w + (c.turned ? in * c.out.channels + out : out * ins + in) * kTaps * kTaps;
      for (int k = 0; k < kTaps * kTaps; ++k)
        taps[k][lane] = from[c.turned ? kTaps * kTaps - 1 - k : k];
    }
    on_both_sides(places_at<kTaps>(static_cast<const float*>(taps[0]), kLanes),
                  places_at<kTile>(u + item * kLanes, ins * c.out.channels), OfKernel());
  }
};

struct ConvolveTiles {
  Convolution c;
  std::int64_t tiles, tiles_of_block, workers, elements;
  const float *x, *u;
  float *y, *scratch;  // scratch: (workers, elements)

  static std::int64_t elements_for(const Convolution& c, std::int64_t tiles_of_block) {
    return kPoints * (apart(tiles_of_block * c.in.channels) + apart(tiles_of_block * kColumns));
  }
  void operator()(std::int64_t worker) const {
    float *v = scratch + worker * elements,
          *m = v + kPoints * apart(tiles_of_block * c.in.channels);
    const std::int64_t blocks = (tiles + tiles_of_block - 1) / tiles_of_block;
    const std::int64_t parts = (c.out.channels + kColumns - 1) / kColumns;
    std::int64_t transformed = -1;
    for (std::int64_t item = worker * blocks * parts / workers;
         item < (worker + 1) * blocks * parts / workers; ++item) {
      const std::int64_t block = item / parts, first = block * tiles_of_block;
      const std::int64_t n = tiles - first < tiles_of_block ? tiles - first : tiles_of_block;
      if (block != transformed) transform(first, n, v);
      transformed = block;
      const std::int64_t out = item % parts * kColumns, left = c.out.channels - out;
      convolve(first, n, out, left < kColumns ? left : kColumns, v, m);
    }
  }

  /// v (points, tiles_of_block, ins): B^T x B.
  void transform(std::int64_t first, std::int64_t n, float* v) const {
    const std::int64_t ins = c.in.channels;
    const float zeros[kLanes] = {};
    for (std::int64_t tile = 0; tile < n; ++tile) {
      const auto corner = c.in.corner(first + tile);
      for (std::int64_t channel = 0; channel < ins; channel += kLanes)
        on_both_sides(c.in.places<kTile>(x, corner, channel, zeros),
                      places_at<kTile>(v + tile * ins + channel, apart(tiles_of_block * ins)),
                      OfInput());
    }
  }

  /// Products over the ins to m (points, tiles_of_block, kColumns), and A^T m A to y: channels out ... out + columns.
  void convolve(std::int64_t first, std::int64_t n, std::int64_t out, std::int64_t columns,
                const float* v, float* m) const {
    const std::int64_t ins = c.in.channels;
    for (std::int64_t point = 0; point < kPoints; ++point)
      for (std::int64_t j = 0; j < columns; j += kLanes)
        tile_product<Sum::replaces>(
            n, kLanes, ins, Strided<const float>{v + point * apart(tiles_of_block * ins), ins, 1},
            u + (point * c.out.channels + out + j) * ins, kLanes,
            m + point * apart(tiles_of_block * kColumns) + j, kColumns);
    float nowhere[kLanes];
    for (std::int64_t tile = 0; tile < n; ++tile) {
      const auto corner = c.out.corner(first + tile);
      for (std::int64_t j = 0; j < columns; j += kLanes)
        on_both_sides(places_at<kTile>(static_cast<const float*>(m) + tile * kColumns + j,
                                       apart(tiles_of_block * kColumns)),
                      c.out.places<kOut>(y, corner, out + j, nowhere), OfOutput());
    }
  }
};

class WinogradConv final : public Kernel {
 public:
  WinogradConv(const ConvShape& shape, ConvPart part) : c_(convolution_of(shape, part)) {
    const std::int64_t wanted = (c_.tiles() + kTiles - 1) / kTiles;
    tiles_of_block_ = (c_.tiles() + wanted - 1) / wanted;
    const auto blocks = (c_.tiles() + tiles_of_block_ - 1) / tiles_of_block_;
    const auto items = blocks * ((c_.out.channels + kColumns - 1) / kColumns);
    workers_ = std::min<std::int64_t>(Exec().concurrency(), items);
    elements_ = ConvolveTiles::elements_for(c_, tiles_of_block_);
  }
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(c_.kernel_elements() + workers_ * elements_) * sizeof(float);
  }
  void run(const Launch& launch) const override {
    const auto *x = static_cast<const float*>(launch.operands[0]),
               *w = static_cast<const float*>(launch.operands[1]);
    auto *y = static_cast<float*>(launch.results[0]), *u = static_cast<float*>(launch.scratch);
    using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
    Kokkos::parallel_for("r1::ml::winograd_kernel",
                         Policy(launch.exec, 0, c_.out.channels / kLanes * c_.in.channels),
                         TransformKernel{c_, w, u});
    Kokkos::parallel_for("r1::ml::winograd", Policy(launch.exec, 0, workers_),
                         ConvolveTiles{c_, c_.tiles(), tiles_of_block_, workers_, elements_, x, u,
                                       y, u + c_.kernel_elements()});
  }

 private:
  Convolution c_;
  std::int64_t tiles_of_block_ = 0, workers_ = 0, elements_ = 0;
};

}  // namespace

bool winograd_suits(const ConvShape& s) {
  const auto every = [](const std::int64_t(&values)[3], std::int64_t value) {
    return values[1] == value && values[2] == value;
  };
  const auto some_padding = [](const std::int64_t(&values)[3]) {
    return std::min(values[1], values[2]) >= 0 && std::max(values[1], values[2]) < kTaps;
  };
  constexpr std::int64_t kFew = 32;  // channels with which transforms cost more than they save
  return s.axes == 2 && s.channels_last && s.groups == 1 && every(s.kernel, kTaps) &&
         every(s.stride, 1) && every(s.dilation, 1) && some_padding(s.low) &&
         some_padding(s.high) && s.c % kLanes == 0 && s.o % kLanes == 0 && s.c >= kFew &&
         s.o >= kFew;
}

std::unique_ptr<Kernel> winograd_conv_kernel(const ConvShape& shape, ConvPart part) {
  if (part == ConvPart::wgrad) return winograd_wgrad_kernel(shape);
  return std::make_unique<WinogradConv>(shape, part);
}

}  // namespace r1::ml
