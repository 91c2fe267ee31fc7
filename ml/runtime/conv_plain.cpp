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

KOKKOS_INLINE_FUNCTION std::int64_t plane(const std::int64_t* extent) {
  return extent[0] * extent[1] * extent[2];
}

KOKKOS_INLINE_FUNCTION std::int64_t flat(const std::int64_t* at, const std::int64_t* extent) {
  return (at[0] * extent[1] + at[1]) * extent[2] + at[2];
}

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
        if (inside) f(flat(k, s.kernel), flat(in, s.input));
      }
}

template <class T>
void run_forward(const Exec& exec, const ConvShape& s, const T* x, const T* w, T* y) {
  const auto element = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const Place p(item, s.o, s.output);
    const std::int64_t in_group = s.c / s.groups, group = p.second / (s.o / s.groups);
    T total = T(0);
    for (std::int64_t c = 0; c < in_group; ++c) {
      const T* image = x + (p.first * s.c + group * in_group + c) * plane(s.input);
      const T* weights = w + (p.second * in_group + c) * plane(s.kernel);
      over_window(s, p.at, [&](std::int64_t k, std::int64_t in) {
        total = static_cast<T>(total + weights[k] * image[in]);
      });
    }
    y[item] = total;
  };
  Kokkos::parallel_for("r1::ml::conv", Policy(exec, 0, s.n * s.o * plane(s.output)), element);
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
          for (std::int64_t o = group * out_group; o < (group + 1) * out_group; ++o)
            total = static_cast<T>(
                total + w[(o * in_group + c) * plane(s.kernel) + flat(k, s.kernel)] *
                            y[(p.first * s.o + o) * plane(s.output) + flat(t, s.output)]);
        }
    x[item] = total;
  };
  Kokkos::parallel_for("r1::ml::conv_dgrad", Policy(exec, 0, s.n * s.c * plane(s.input)), element);
}

template <class T>
void run_wgrad(const Exec& exec, const ConvShape& s, const T* x, const T* y, T* w) {
  const std::int64_t in_group = s.c / s.groups;
  const auto element = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const Place p(item, in_group, s.kernel);
    const std::int64_t c = p.first / (s.o / s.groups) * in_group + p.second;
    T total = T(0);
    for (std::int64_t n = 0; n < s.n; ++n) {
      const T* image = x + (n * s.c + c) * plane(s.input);
      const T* outputs = y + (n * s.o + p.first) * plane(s.output);
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
              total = static_cast<T>(total + image[flat(in, s.input)] * outputs[flat(t, s.output)]);
          }
    }
    w[item] = total;
  };
  Kokkos::parallel_for("r1::ml::conv_wgrad", Policy(exec, 0, s.o * in_group * plane(s.kernel)),
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

/// Windows of one row that are looked at side by side.
constexpr std::int64_t kBlock = 64;

/// The largest element of windows (t0, t1, begin) to (t0, t1, begin + n - 1) of a plane. A NaN is the largest, the first one counts.
template <class T>
KOKKOS_INLINE_FUNCTION void argmax_of_row(const ConvShape& s, const T* image, std::int64_t t0,
                                          std::int64_t t1, std::int64_t begin, std::int64_t n,
                                          std::int32_t* index) {
  T best[kBlock];
  for (std::int64_t j = 0; j < n; ++j) {
    best[j] = T(0);
    index[j] = -1;
  }
  for (std::int64_t k0 = 0; k0 < s.kernel[0]; ++k0)
    for (std::int64_t k1 = 0; k1 < s.kernel[1]; ++k1) {
      const std::int64_t in0 = t0 * s.stride[0] + k0 * s.dilation[0] - s.low[0];
      const std::int64_t in1 = t1 * s.stride[1] + k1 * s.dilation[1] - s.low[1];
      if (in0 < 0 || in0 >= s.input[0] || in1 < 0 || in1 >= s.input[1]) continue;
      const std::int64_t line = (in0 * s.input[1] + in1) * s.input[2];
      for (std::int64_t k2 = 0; k2 < s.kernel[2]; ++k2) {
        // Window j has its element at first + j stride; those from `low` on and before `high` lie in the plane.
        const std::int64_t stride = s.stride[2];
        const std::int64_t first = begin * stride + k2 * s.dilation[2] - s.low[2];
        const std::int64_t low = first < 0 ? (-first + stride - 1) / stride : 0;
        const std::int64_t above = s.input[2] - first + stride - 1;
        const std::int64_t high = above < 0 ? 0 : above / stride < n ? above / stride : n;
        for (std::int64_t j = low; j < high; ++j) {
          const T value = image[line + first + j * stride];
          const bool better =
              index[j] < 0 || value > best[j] || (value != value && best[j] == best[j]);
          best[j] = better ? value : best[j];
          index[j] = better ? static_cast<std::int32_t>(line + first + j * stride) : index[j];
        }
      }
    }
}

template <class T>
void run_argmax(const Exec& exec, const ConvShape& s, const T* x, std::int32_t* index) {
  const std::int64_t blocks = (s.output[2] + kBlock - 1) / kBlock;
  const auto row = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t begin = item % blocks * kBlock, line = item / blocks;
    const std::int64_t t1 = line % s.output[1], t0 = line / s.output[1] % s.output[0];
    const std::int64_t image = line / s.output[1] / s.output[0];
    const std::int64_t n = s.output[2] - begin < kBlock ? s.output[2] - begin : kBlock;
    argmax_of_row(s, x + image * plane(s.input), t0, t1, begin, n,
                  index + line * s.output[2] + begin);
  };
  Kokkos::parallel_for("r1::ml::window_argmax",
                       Policy(exec, 0, s.n * s.c * s.output[0] * s.output[1] * blocks), row);
}

class WindowArgmax final : public Kernel {
 public:
  explicit WindowArgmax(const KernelRequest& request)
      : shape_(request, ConvPart::forward), dtype_(request.operands[0].dtype) {}
  void run(const Launch& launch) const override {
    with_type(dtype_, [&]<class T>() {
      run_argmax(launch.exec, shape_, static_cast<const T*>(launch.operands[0]),
                 static_cast<std::int32_t*>(launch.results[0]));
    });
  }

 private:
  ConvShape shape_;
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
  const Shape& first = request.operands[0].shape;
  const Shape& result = request.results[0].shape;
  n = part == ConvPart::wgrad ? first[0] : result[0];
  c = part == ConvPart::dgrad ? result[1] : first[1];
  o = part == ConvPart::forward ? result[1] : part == ConvPart::dgrad ? first[1] : result[0];
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

std::unique_ptr<Kernel> window_argmax_kernel(const KernelRequest& request) {
  return std::make_unique<WindowArgmax>(request);
}

}  // namespace r1::ml
