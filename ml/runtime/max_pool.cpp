// Maxima of windows, where they are, and the gradient, which goes back there. An item of work is a place of the result: one element, or where
// channels come last, some channels side by side.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/conv_kernels.hpp"
#include "ml/runtime/dispatch.hpp"

namespace r1::ml {
namespace {

constexpr std::int64_t kChannels = kDeviceIsHost ? 64 : 1;  // side by side, at most

/// What an item of work is.
struct Item {
  std::int64_t image, channel, channels, place;
};

struct PoolShape : ConvShape {
  using ConvShape::ConvShape;
  std::int64_t blocks() const { return channels_last ? (c + kChannels - 1) / kChannels : c; }
  std::int64_t items(const std::int64_t* extent) const { return n * blocks() * places_of(extent); }

  KOKKOS_INLINE_FUNCTION Item item(std::int64_t index, std::int64_t all,
                                   std::int64_t places) const {
    if (!channels_last) return {index / places / all, index / places % all, 1, index % places};
    const std::int64_t channel = index % all * kChannels;
    return {index / all / places, channel, c - channel < kChannels ? c - channel : kChannels,
            index / all % places};
  }
};

KOKKOS_INLINE_FUNCTION void axes_of(std::int64_t place, const std::int64_t* extent,
                                    std::int64_t* at) {
  for (int d = 2; d >= 0; --d) {
    at[d] = place % extent[d];
    place /= extent[d];
  }
}

/// A NaN is the largest, and of equals the first; y may be null.
template <class T>
struct MaxPool {
  PoolShape s;
  std::int64_t blocks;
  const T* x;           // image of s.input
  T* y;                 // image of s.output
  std::int32_t* index;  // image of s.output

  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t number) const {
    const Item item = s.item(number, blocks, places_of(s.output));
    const auto from = s.line(item.image, item.channel, s.c, places_of(s.input));
    T best[kChannels];
    std::int32_t found[kChannels];
    for (std::int64_t j = 0; j < item.channels; ++j) found[j] = -1;
    std::int64_t t[3], k[3];
    axes_of(item.place, s.output, t);
    for (k[0] = 0; k[0] < s.kernel[0]; ++k[0])
      for (k[1] = 0; k[1] < s.kernel[1]; ++k[1])
        for (k[2] = 0; k[2] < s.kernel[2]; ++k[2]) {
          std::int64_t in[3];
          bool inside = true;
          for (int d = 0; d < 3; ++d) {
            in[d] = t[d] * s.stride[d] + k[d] * s.dilation[d] - s.low[d];
            inside = inside && in[d] >= 0 && in[d] < s.input[d];
          }
          if (!inside) continue;
          const std::int64_t place = place_at(in, s.input);
          look_at(x + from.first + place * from.step, static_cast<std::int32_t>(place),
                  item.channels, best, found);
        }
    const auto to = s.line(item.image, item.channel, s.c, places_of(s.output));
    const std::int64_t first = to.first + item.place * to.step;
    for (std::int64_t j = 0; j < item.channels; ++j) index[first + j] = found[j];
    if (y == nullptr) return;
    for (std::int64_t j = 0; j < item.channels; ++j) y[first + j] = best[j];
  }

  KOKKOS_INLINE_FUNCTION static void look_at(const T* values, std::int32_t place,
                                             std::int64_t channels, T* best, std::int32_t* found) {
#pragma omp simd
    for (std::int64_t j = 0; j < channels; ++j) {
      const T value = values[j], before = best[j];
      const bool better = found[j] < 0 || value > before || (value != value && before == before);
      best[j] = better ? value : before;
      found[j] = better ? place : found[j];
    }
  }
};

/// Each element of dx gets dy of the windows whose largest element it is, in the order of the windows.
template <class T>
struct MaxPoolGradient {
  PoolShape s;
  std::int64_t blocks;
  const T* dy;                // image of s.output
  const std::int32_t* index;  // image of s.output
  T* dx;                      // image of s.input

  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t number) const {
    const Item item = s.item(number, blocks, places_of(s.input));
    const auto to = s.line(item.image, item.channel, s.c, places_of(s.input));
    const auto from = s.line(item.image, item.channel, s.c, places_of(s.output));
    T* sums = dx + to.first + item.place * to.step;
    for (std::int64_t j = 0; j < item.channels; ++j) sums[j] = 0;
    std::int64_t in[3], first[3], end[3], t[3];
    axes_of(item.place, s.input, in);
    for (int d = 0; d < 3; ++d) windows_with(d, in[d], first[d], end[d]);
    for (t[0] = first[0]; t[0] < end[0]; ++t[0])
      for (t[1] = first[1]; t[1] < end[1]; ++t[1])
        for (t[2] = first[2]; t[2] < end[2]; ++t[2]) {
          const std::int64_t at = from.first + place_at(t, s.output) * from.step;
          add(dy + at, index + at, static_cast<std::int32_t>(item.place), item.channels, sums);
        }
  }

  /// Windows that reach over place `in` of axis `d`; those that step over it are among them, but never have their largest element there.
  KOKKOS_INLINE_FUNCTION void windows_with(int d, std::int64_t in, std::int64_t& first,
                                           std::int64_t& end) const {
    const std::int64_t last = in + s.low[d];
    const std::int64_t before = last - (s.kernel[d] - 1) * s.dilation[d];
    first = before <= 0 ? 0 : (before + s.stride[d] - 1) / s.stride[d];
    end = last / s.stride[d] + 1 < s.output[d] ? last / s.stride[d] + 1 : s.output[d];
  }

  KOKKOS_INLINE_FUNCTION static void add(const T* slopes, const std::int32_t* places,
                                         std::int32_t own, std::int64_t channels, T* sums) {
#pragma omp simd
    for (std::int64_t j = 0; j < channels; ++j) sums[j] += places[j] == own ? slopes[j] : T(0);
  }
};

using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

class MaxPoolKernel final : public Kernel {
 public:
  MaxPoolKernel(const KernelRequest& request, bool with_maxima)
      : shape_(request, ConvPart::forward),
        dtype_(request.operands[0].dtype),
        with_maxima_(with_maxima) {}
  void run(const Launch& launch) const override {
    with_type(dtype_, [&]<class T>() {
      auto* y = with_maxima_ ? static_cast<T*>(launch.results[0]) : nullptr;
      const MaxPool<T> pool{shape_, shape_.blocks(), static_cast<const T*>(launch.operands[0]), y,
                            static_cast<std::int32_t*>(launch.results.back())};
      Kokkos::parallel_for("r1::ml::max_pool", Policy(launch.exec, 0, shape_.items(shape_.output)),
                           pool);
    });
  }

 private:
  PoolShape shape_;
  Dtype dtype_;
  bool with_maxima_;
};

class MaxPoolGradientKernel final : public Kernel {
 public:
  explicit MaxPoolGradientKernel(const KernelRequest& request)
      : shape_(request, ConvPart::dgrad), dtype_(request.operands[0].dtype) {}
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      const MaxPoolGradient<T> gradient{
          shape_, shape_.blocks(), static_cast<const T*>(launch.operands[0]),
          static_cast<const std::int32_t*>(launch.operands[1]), static_cast<T*>(launch.results[0])};
      Kokkos::parallel_for("r1::ml::max_pool_gradient",
                           Policy(launch.exec, 0, shape_.items(shape_.input)), gradient);
    });
  }

 private:
  PoolShape shape_;
  Dtype dtype_;
};

}  // namespace

std::unique_ptr<Kernel> window_argmax_kernel(const KernelRequest& request) {
  return std::make_unique<MaxPoolKernel>(request, false);
}

std::unique_ptr<Kernel> max_pool_kernel(const KernelRequest& request) {
  return std::make_unique<MaxPoolKernel>(request, true);
}

std::unique_ptr<Kernel> max_pool_gradient_kernel(const KernelRequest& request) {
  return std::make_unique<MaxPoolGradientKernel>(request);
}

}  // namespace r1::ml
