// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/pool.hpp"

#include "ml/ops/gather.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/runtime/conv_kernels.hpp"

namespace r1::ml {
namespace {

class WindowArgmax final : public ConstantOp {
 public:
  std::string_view name() const override { return "window_argmax"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const ConvGeometry g(attributes);
    check_geometry(g);
    const Type& x = operands[0];
    require(x.shape.rank() == g.axes() + 2, "{} has no {} spatial axes", x.text(), g.axes());
    require(Shape(g.input).elements() < (std::int64_t{1} << 31),
            "a plane of {} is too large for its index", x.text());
    for (std::size_t k = 0; k < g.input.size(); ++k)
      require(x.shape[static_cast<int>(k) + 2] == g.input[k],
              "the windows are for a plane of {}, not for {}", Shape(g.input).text(), x.text());
    for (std::size_t k = 0; k < g.input.size(); ++k)
      require(g.low[k] < (g.kernel[k] - 1) * g.dilation[k] + 1 &&
                  g.high[k] < (g.kernel[k] - 1) * g.dilation[k] + 1,
              "padding of {} and {} leaves windows of {} empty", g.low[k], g.high[k], g.kernel[k]);
    std::vector<std::int64_t> extents{x.shape[0], x.shape[1]};
    for (const auto extent : g.output()) extents.push_back(extent);
    return {{Dtype::i32, Shape(extents), x.spread}};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return window_argmax_kernel(request);
  }
  std::vector<Example> examples() const override {
    const Type x{Dtype::f64, {2, 1, 4, 5}};
    auto g = ConvGeometry::of(x.shape, {1, 1, 2, 3});
    g.strides = {2, 1};
    g.low = {0, 1};
    return {{{{x}}, g.attributes()}};
  }
} const kWindowArgmax;

}  // namespace

Value window_argmax(const Value& x, const ConvGeometry& window) {
  return apply1(kWindowArgmax, window.attributes(), {x});
}

Value max_pool(const Value& x, const ConvGeometry& window) {
  const Value index = window_argmax(x, window);
  const auto planes = x.shape()[0] * x.shape()[1];
  const auto flat = [planes](const Value& v) {
    return reshape(v, {planes, planes == 0 ? 0 : v.shape().elements() / planes});
  };
  return reshape(gather(flat(x), flat(index)), index.shape());
}

Value average_pool(const Value& x, const ConvGeometry& window) {
  auto g = window;
  g.groups = x.shape()[1];
  std::vector<std::int64_t> extents{x.shape()[1], 1};
  extents.insert(extents.end(), g.kernel.begin(), g.kernel.end());
  const double share = 1.0 / static_cast<double>(Shape(g.kernel).elements());
  return conv(x, constant(*x.node->store, share, {x.dtype(), Shape(extents)}), g);
}

void add_pool(OpRegistry& registry) { registry.add(kWindowArgmax); }

}  // namespace r1::ml
