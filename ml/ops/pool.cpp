// max_pool(x) -> (maxima, index) and max_pool_gradient(dy, index) -> dx are composites of window_argmax, gather and scatter_add.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/pool.hpp"

#include "ml/ops/composite.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/image_op.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/ops/order_keeping.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/runtime/conv_kernels.hpp"

namespace r1::ml {
namespace {

Type index_type(const ConvGeometry& g, const Type& x) {
  check_geometry(g);
  require(x.shape.rank() == g.axes() + 2 && g.spatial(x.shape) == g.input, "{} is no image of {}",
          x.text(), Shape(g.input).text());
  require(Shape(g.input).elements() < (std::int64_t{1} << 31),
          "a plane of {} is too large for its index", x.text());
  for (std::size_t k = 0; k < g.input.size(); ++k)
    require(g.low[k] < (g.kernel[k] - 1) * g.dilation[k] + 1 &&
                g.high[k] < (g.kernel[k] - 1) * g.dilation[k] + 1,
            "padding of {} and {} leaves windows of {} empty", g.low[k], g.high[k], g.kernel[k]);
  return {Dtype::i32, g.image(x.shape[0], g.channels(x.shape), g.output()), x.spread};
}

ConvGeometry example_window(ImageOrder order) {
  ConvGeometry g;
  g.input = {4, 5};
  g.kernel = {2, 3};
  g.strides = {2, 1};
  g.low = {0, 1};
  g.high = {0, 0};
  g.dilation = {1, 1};
  g.order = order;
  return g;
}

constexpr ImageOrder kOrders[] = {ImageOrder::channels_first, ImageOrder::channels_last};

class WindowArgmax final : public ConstantOp {
 public:
  std::string_view name() const override { return "window_argmax"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    return {index_type(ConvGeometry(attributes), operands[0])};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return window_argmax_kernel(request);
  }
  std::vector<Example> examples() const override {
    std::vector<Example> all;
    for (const auto order : kOrders) {
      const auto g = example_window(order);
      all.push_back({{{{Dtype::f64, g.image(2, 3, g.input)}}}, g.attributes()});
    }
    return all;
  }
} const kWindowArgmax;

/// Planes one after the other, and back.
struct Planes {
  ConvGeometry g;

  Value flat(const Value& image) const {
    const Value first = g.order == ImageOrder::channels_last ? channels_first(image) : image;
    const auto n = first.shape()[0] * first.shape()[1];
    return reshape(first, {n, n == 0 ? 0 : first.shape().elements() / n});
  }
  Value image(const Value& flat, const Shape& shape) const {
    if (g.order == ImageOrder::channels_first) return reshape(flat, shape);
    ConvGeometry first = g;
    first.order = ImageOrder::channels_first;
    return channels_last(reshape(flat, first.image(shape[0], g.channels(shape), g.spatial(shape))));
  }
};

class MaxPoolGradient final : public CompositeOp, public ImageOp {
 public:
  bool operand_is_image(std::size_t) const override { return true; }
  bool result_is_image(std::size_t) const override { return true; }
  std::string_view name() const override { return "max_pool_gradient"; }
  int arity() const override { return 2; }
  Spread spread(std::span<const Type> operands) const override {
    return spread_of_linear_in(0, operands);
  }
  /// dy, index -> dx
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const ConvGeometry g(attributes);
    check_geometry(g);
    const Type &dy = operands[0], &index = operands[1];
    require(index.dtype == Dtype::i32 && index.shape == dy.shape && is_floating(dy.dtype) &&
                dy.shape.rank() == g.axes() + 2,
            "a cotangent {} and an index {} of one shape are needed", dy.text(), index.text());
    const Type x = dy.with(g.image(dy.shape[0], g.channels(dy.shape), g.input));
    require(index_type(g, x).shape == dy.shape, "a cotangent {} does not come from windows of {}",
            dy.text(), x.text());
    return {x};
  }
  Values compose(const Values& operands, const Attributes& attributes) const override {
    const Planes planes{ConvGeometry(attributes)};
    const auto& g = planes.g;
    const Shape& shape = operands[0].shape();
    const Value sums =
        scatter_add(planes.flat(operands[0]), planes.flat(operands[1]), Shape(g.input).elements());
    return {planes.image(sums, g.image(shape[0], g.channels(shape), g.input))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return max_pool_gradient_kernel(request);
  }
  std::vector<Example> examples() const override {
    std::vector<Example> all;
    for (const auto order : kOrders) {
      auto g = example_window(order);
      g.kernel = g.input;  // one window, so that each index lies in it
      g.low = {0, 0};
      const Shape y = g.image(2, 3, g.output());
      all.push_back({{{{Dtype::f64, y}}, {{Dtype::i32, y}, 0, 20}}, g.attributes()});
    }
    return all;
  }
} const kMaxPoolGradient;

class MaxPool final : public CompositeOp, public ImageOp {
 public:
  bool operand_is_image(std::size_t) const override { return true; }
  bool result_is_image(std::size_t) const override { return true; }
  std::string_view name() const override { return "max_pool"; }
  /// x -> maxima, index
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const Type index = index_type(ConvGeometry(attributes), operands[0]);
    return {operands[0].with(index.shape), index};
  }
  Values compose(const Values& operands, const Attributes& attributes) const override {
    const Planes planes{ConvGeometry(attributes)};
    const Value index = window_argmax(operands[0], planes.g);
    const Value maxima = gather(planes.flat(operands[0]), planes.flat(index));
    return {planes.image(maxima, index.shape()), index};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {apply1(kMaxPoolGradient, node.attributes, {cotangents[0], node.result(1)})};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return max_pool_kernel(request);
  }
  std::vector<Example> examples() const override { return kWindowArgmax.examples(); }
} const kMaxPool;

}  // namespace

Value window_argmax(const Value& x, const ConvGeometry& window) {
  return apply1(kWindowArgmax, window.attributes(), {x});
}

Value max_pool(const Value& x, const ConvGeometry& window) {
  const Value most = apply(kMaxPool, window.attributes(), {x})[0];
  if (most.shape().elements() < x.shape().elements())
    if (const auto last = order_keeping(x, window))
      return last->function(max_pool(last->of, window));
  return most;
}

Value average_pool(const Value& x, const ConvGeometry& window) {
  auto g = window;
  g.groups = g.channels(x.shape());
  std::vector<std::int64_t> extents{g.groups, 1};
  extents.insert(extents.end(), g.kernel.begin(), g.kernel.end());
  const double share = 1.0 / static_cast<double>(Shape(g.kernel).elements());
  return conv(x, constant(*x.node->store, share, {x.dtype(), Shape(extents)}), g);
}

void add_pool(OpRegistry& registry) {
  registry.add(kWindowArgmax);
  registry.add(kMaxPool);
  registry.add(kMaxPoolGradient);
}

}  // namespace r1::ml
