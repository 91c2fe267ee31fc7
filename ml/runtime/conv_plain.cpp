// Convolutions written out, for every element type: the oracle of the libraries' and the kernel of what they do not have. One item of
// work is an element of the result, so that sums have one order.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/conv.hpp"
#include "ml/runtime/conv_kernels.hpp"
#include "ml/runtime/dispatch.hpp"

namespace r1::ml {
namespace {

using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

/// Index (first, second, a, b, c) of an element of (first, seconds, extent...).
struct Place {
  std::int64_t first, second, at[3];
  KOKKOS_INLINE_FUNCTION Place(std::int64_t item, std::int64_t seconds,
                               const std::int64_t* extent) {
    for (int d = 2; d >= 0; --d) {
      at[d] = item % extent[d];
      item /= extent[d];
    }
    second = item % seconds;
    first = item / seconds;
  }
};

/// Calls f(offset in the kernel, offset in x) for each element of the kernel that meets x at output place t.
template <class F>
KOKKOS_INLINE_FUNCTION void over_window(const ConvShape& s, const std::int64_t* t, const F& f) {
  std::int64_t k[3];
  for (k[0] = 0; k[0] < s.kernel[0]; ++k[0])
    for (k[1] = 0; k[1] < s.kernel[1]; ++k[1])
      for (k[2] = 0; k[2] < s.kernel[2]; ++k[2]) {
        std::int64_t in[3];
        bool inside = true;
        for (int d = 0; d < 3; ++d) {
          in[d] = t[d] * s.stride[d] + k[d] * s.dilation[d] - s.low[d];
          inside = inside && in[d] >= 0 && in[d] < s.input[d];
        }
        if (inside) f(place_at(k, s.kernel), place_at(in, s.input));
      }
}

template <class T>
void run_forward(const Exec& exec, const ConvShape& s, const T* x, const T* w, T* y) {
  const auto element = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const Place p(item, s.o, s.output);
    const auto to = s.line(p.first, p.second, s.o, places_of(s.output));
    const std::int64_t in_group = s.c / s.groups, group = p.second / (s.o / s.groups);
    T total = T(0);
    for (std::int64_t c = 0; c < in_group; ++c) {
      const auto from = s.line(p.first, group * in_group + c, s.c, places_of(s.input));
      const T* weights = w + (p.second * in_group + c) * places_of(s.kernel);
      over_window(s, p.at, [&](std::int64_t k, std::int64_t in) {
        total = static_cast<T>(total + weights[k] * x[from.first + in * from.step]);
      });
    }
    y[to.first + place_at(p.at, s.output) * to.step] = total;
  };
  Kokkos::parallel_for("r1::ml::conv", Policy(exec, 0, s.n * s.o * places_of(s.output)), element);
}

template <class T>
void run_dgrad(const Exec& exec, const ConvShape& s, const T* y, const T* w, T* x) {
  const auto element = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const Place p(item, s.c, s.input);
    const std::int64_t in_group = s.c / s.groups, out_group = s.o / s.groups;
    const std::int64_t group = p.second / in_group, c = p.second % in_group;
    T total = T(0);
    std::int64_t k[3];
    for (k[0] = 0; k[0] < s.kernel[0]; ++k[0])
      for (k[1] = 0; k[1] < s.kernel[1]; ++k[1])
        for (k[2] = 0; k[2] < s.kernel[2]; ++k[2]) {
          std::int64_t t[3];
          bool met = true;
          for (int d = 0; d < 3; ++d) {
            const std::int64_t at = p.at[d] + s.low[d] - k[d] * s.dilation[d];
            t[d] = at / s.stride[d];
            met = met && at >= 0 && at % s.stride[d] == 0 && t[d] < s.output[d];
          }
          if (!met) continue;
          for (std::int64_t o = group * out_group; o < (group + 1) * out_group; ++o) {
            const auto from = s.line(p.first, o, s.o, places_of(s.output));
            total = static_cast<T>(
                total + w[(o * in_group + c) * places_of(s.kernel) + place_at(k, s.kernel)] *
                            y[from.first + place_at(t, s.output) * from.step]);
          }
        }
    const auto to = s.line(p.first, p.second, s.c, places_of(s.input));
    x[to.first + place_at(p.at, s.input) * to.step] = total;
  };
  Kokkos::parallel_for("r1::ml::conv_dgrad", Policy(exec, 0, s.n * s.c * places_of(s.input)),
                       element);
}

template <class T>
void run_wgrad(const Exec& exec, const ConvShape& s, const T* x, const T* y, T* w) {
  const std::int64_t in_group = s.c / s.groups;
  const auto element = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const Place p(item, in_group, s.kernel);
    const std::int64_t c = p.first / (s.o / s.groups) * in_group + p.second;
    T total = T(0);
    for (std::int64_t n = 0; n < s.n; ++n) {
      const auto in_x = s.line(n, c, s.c, places_of(s.input));
      const auto in_y = s.line(n, p.first, s.o, places_of(s.output));
      std::int64_t t[3], in[3];
      for (t[0] = 0; t[0] < s.output[0]; ++t[0])
        for (t[1] = 0; t[1] < s.output[1]; ++t[1])
          for (t[2] = 0; t[2] < s.output[2]; ++t[2]) {
            bool inside = true;
            for (int d = 0; d < 3; ++d) {
              in[d] = t[d] * s.stride[d] + p.at[d] * s.dilation[d] - s.low[d];
              inside = inside && in[d] >= 0 && in[d] < s.input[d];
            }
            if (inside)
              total = static_cast<T>(total + x[in_x.first + place_at(in, s.input) * in_x.step] *
                                                 y[in_y.first + place_at(t, s.output) * in_y.step]);
          }
    }
    w[item] = total;
  };
  Kokkos::parallel_for("r1::ml::conv_wgrad", Policy(exec, 0, s.o * in_group * places_of(s.kernel)),
                       element);
}

class PlainConv final : public Kernel {
 public:
  PlainConv(const KernelRequest& request, ConvPart part)
      : shape_(request, part), part_(part), dtype_(request.results[0].dtype) {}
  void run(const Launch& launch) const override {
    with_type(dtype_, [&]<class T>() {
      const auto *a = static_cast<const T*>(launch.operands[0]),
                 *b = static_cast<const T*>(launch.operands[1]);
      auto* to = static_cast<T*>(launch.results[0]);
      if (part_ == ConvPart::forward) run_forward(launch.exec, shape_, a, b, to);
      if (part_ == ConvPart::dgrad) run_dgrad(launch.exec, shape_, a, b, to);
      if (part_ == ConvPart::wgrad) run_wgrad(launch.exec, shape_, a, b, to);
    });
  }

 private:
  ConvShape shape_;
  ConvPart part_;
  Dtype dtype_;
};

void copy_padded(const Integers& from, std::int64_t* to, std::int64_t missing) {
  const std::size_t gap = 3 - from.size();
  for (std::size_t d = 0; d < 3; ++d) to[d] = d < gap ? missing : from[d - gap];
}

}  // namespace

ConvShape::ConvShape(const KernelRequest& request, ConvPart part) {
  const ConvGeometry g(request.attributes);
  axes = g.axes();
  groups = g.groups;
  channels_last = g.order == ImageOrder::channels_last;
  const Shape& first = request.operands[0].shape;
  const Shape& result = request.results[0].shape;
  n = part == ConvPart::wgrad ? first[0] : result[0];
  c = g.channels(part == ConvPart::dgrad ? result : first);
  o = part == ConvPart::wgrad ? result[0] : g.channels(part == ConvPart::forward ? result : first);
  copy_padded(g.input, input, 1);
  copy_padded(g.kernel, kernel, 1);
  copy_padded(g.output(), output, 1);
  copy_padded(g.low, low, 0);
  copy_padded(g.high, high, 0);
  copy_padded(g.strides, stride, 1);
  copy_padded(g.dilation, dilation, 1);
}

std::unique_ptr<Kernel> plain_conv_kernel(const KernelRequest& request, ConvPart part) {
  return std::make_unique<PlainConv>(request, part);
}

}  // namespace r1::ml
