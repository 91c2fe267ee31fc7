// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/conv.hpp"

#include "ml/ops/broadcast.hpp"
#include "ml/ops/image_op.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/runtime/conv_kernels.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

// Numbers of a geometry are below this, so that what is made of two of them fits.
constexpr std::int64_t kMost = std::int64_t{1} << 31;

}  // namespace

void check_geometry(const ConvGeometry& g) {
  const auto axes = g.input.size();
  require(axes >= 1 && axes <= 3, "a convolution runs over one to three axes, not {}", axes);
  for (const auto* list : {&g.kernel, &g.low, &g.high, &g.strides, &g.dilation})
    require(list->size() == axes, "a number for each of {} spatial axes is needed", axes);
  for (std::size_t k = 0; k < axes; ++k)
    require(
        g.kernel[k] > 0 && g.strides[k] > 0 && g.dilation[k] > 0 && g.low[k] >= 0 && g.high[k] >= 0,
        "extents, strides and dilations are positive, padding is not negative");
  for (const auto* list : {&g.input, &g.kernel, &g.low, &g.high, &g.strides, &g.dilation})
    for (const auto number : *list) require(number < kMost, "{} is too much", number);
  require(g.groups > 0 && g.groups < kMost, "a convolution has one group or more, not {}",
          g.groups);
}

namespace {

Shape kernel_shape(std::int64_t outputs, std::int64_t inputs, const Integers& extents) {
  std::vector<std::int64_t> all{outputs, inputs};
  all.insert(all.end(), extents.begin(), extents.end());
  return Shape(all);
}

void check_image(const ConvGeometry& g, const Type& type, const Integers& extents,
                 const char* role) {
  require(type.shape.rank() == g.axes() + 2 && g.spatial(type.shape) == extents,
          "{} is {}, and its spatial extents should be {}", role, type.text(),
          Shape(extents).text());
}

void check_kernel(const ConvGeometry& g, const Type& type) {
  const Shape& w = type.shape;
  require(w.rank() == g.axes() + 2 && Integers(w.begin() + 2, w.end()) == g.kernel,
          "the kernel is {}, and its spatial extents should be {}", type.text(),
          Shape(g.kernel).text());
}

/// One of the three; which operands it has and what comes out of it follow from `part`.
class Conv final : public MultilinearOp, public ImageOp {
 public:
  explicit Conv(ConvPart part) : part_(part) {}
  int arity() const override { return 2; }
  std::string_view name() const override {
    switch (part_) {
      case ConvPart::forward:
        return "conv";
      case ConvPart::dgrad:
        return "conv_dgrad";
      case ConvPart::wgrad:
        return "conv_wgrad";
    }
    return "";
  }

  bool operand_is_image(std::size_t k) const override { return k == 0 || part_ == ConvPart::wgrad; }
  bool result_is_image(std::size_t) const override { return part_ != ConvPart::wgrad; }

  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const ConvGeometry g(attributes);
    check_geometry(g);
    require(operands[0].dtype == operands[1].dtype, "operands of one type are needed: {}, {}",
            operands[0].text(), operands[1].text());
    switch (part_) {
      case ConvPart::forward:
        return {infer_y(g, operands[0], operands[1])};
      case ConvPart::dgrad:
        return {infer_x(g, operands[0], operands[1])};
      case ConvPart::wgrad:
        return {infer_w(g, operands[0], operands[1])};
    }
    return {};
  }

  Values vjp(const Node& node, const Values& cotangents) const override {
    const ConvGeometry g(node.attributes);
    const Value &a = node.operands[0], &b = node.operands[1], &c = cotangents[0];
    switch (part_) {
      case ConvPart::forward: {
        // First, since after it an activation is not needed any more, whose gradient comes next.
        const Value of_weights = conv_wgrad(a, c, g);
        return {conv_dgrad(c, b, g), of_weights};
      }
      case ConvPart::dgrad:
        return {conv(c, b, g), conv_wgrad(c, a, g)};
      case ConvPart::wgrad:
        return {conv_dgrad(b, c, g), conv(a, c, g)};
    }
    return {};
  }

  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return conv_kernel(request, part_);
  }

  std::vector<Example> examples() const override {
    ConvGeometry plane;
    plane.input = {5, 6};
    plane.kernel = {3, 2};
    plane.low = {1, 0};
    plane.high = {0, 2};
    plane.strides = {2, 1};
    plane.dilation = {1, 2};
    plane.groups = 2;
    ConvGeometry line;
    line.input = {7};
    line.kernel = {3};
    line.low = line.high = {1};
    line.strides = line.dilation = {1};
    ConvGeometry last = plane;
    last.order = ImageOrder::channels_last;
    return {example(plane, 2, 4, 2), example(line, 1, 2, 3), example(last, 2, 4, 2)};
  }

 private:
  static Type infer_y(const ConvGeometry& g, const Type& x, const Type& w) {
    check_image(g, x, g.input, "the input");
    check_kernel(g, w);
    const auto c = g.channels(x.shape);
    require(c % g.groups == 0 && c / g.groups == w.shape[1] && w.shape[0] % g.groups == 0,
            "{} groups of {} do not convolve {}", g.groups, w.text(), x.text());
    return x.with(g.image(x.shape[0], w.shape[0], g.output()));
  }
  static Type infer_x(const ConvGeometry& g, const Type& y, const Type& w) {
    check_image(g, y, g.output(), "the output");
    check_kernel(g, w);
    require(g.channels(y.shape) == w.shape[0] && w.shape[0] % g.groups == 0 && w.shape[1] < kMost,
            "{} groups of {} do not lead to {}", g.groups, w.text(), y.text());
    return y.with(g.image(y.shape[0], w.shape[1] * g.groups, g.input));
  }
  static Type infer_w(const ConvGeometry& g, const Type& x, const Type& y) {
    check_image(g, x, g.input, "the input");
    check_image(g, y, g.output(), "the output");
    const auto c = g.channels(x.shape), o = g.channels(y.shape);
    require(x.shape[0] == y.shape[0] && c % g.groups == 0 && o % g.groups == 0,
            "{} groups do not lead from {} to {}", g.groups, x.text(), y.text());
    return x.with(kernel_shape(o, c / g.groups, g.kernel));
  }

  Example example(const ConvGeometry& g, std::int64_t n, std::int64_t c, std::int64_t o) const {
    const Example::Operand x{{Dtype::f64, g.image(n, c, g.input)}},
        w{{Dtype::f64, kernel_shape(o, c / g.groups, g.kernel)}},
        y{{Dtype::f64, g.image(n, o, g.output())}};
    switch (part_) {
      case ConvPart::forward:
        return {{x, w}, g.attributes()};
      case ConvPart::dgrad:
        return {{y, w}, g.attributes()};
      case ConvPart::wgrad:
        return {{x, y}, g.attributes()};
    }
    return {};
  }

  ConvPart part_;
};

const Conv kForward(ConvPart::forward), kDgrad(ConvPart::dgrad), kWgrad(ConvPart::wgrad);

}  // namespace

Value channels_last(const Value& image) {
  Integers order = all_axes(image.shape());
  std::rotate(order.begin() + 1, order.begin() + 2, order.end());
  return permute(image, order);
}

Value channels_first(const Value& image) {
  Integers order = all_axes(image.shape());
  std::rotate(order.begin() + 1, order.end() - 1, order.end());
  return permute(image, order);
}

ConvGeometry ConvGeometry::of(const Shape& x, const Shape& w) {
  ConvGeometry g;
  g.input = {x.begin() + std::min(2, x.rank()), x.end()};
  g.kernel = {w.begin() + std::min(2, w.rank()), w.end()};
  g.low = g.high = Integers(g.input.size(), 0);
  g.strides = g.dilation = Integers(g.input.size(), 1);
  return g;
}

ConvGeometry::ConvGeometry(const Attributes& a)
    : input(a.integers("input")),
      kernel(a.integers("kernel")),
      low(a.integers("low")),
      high(a.integers("high")),
      strides(a.integers("strides")),
      dilation(a.integers("dilation")),
      groups(a.integer("groups")),
      order(a.integer("channels_last") != 0 ? ImageOrder::channels_last
                                            : ImageOrder::channels_first) {}

Attributes ConvGeometry::attributes() const {
  return {
      {"input", input},     {"kernel", kernel},
      {"low", low},         {"high", high},
      {"strides", strides}, {"dilation", dilation},
      {"groups", groups},   {"channels_last", std::int64_t{order == ImageOrder::channels_last}}};
}

Integers ConvGeometry::spatial(const Shape& image) const {
  const int first = order == ImageOrder::channels_first ? 2 : 1;
  return {image.begin() + first, image.begin() + first + axes()};
}

Shape ConvGeometry::image(std::int64_t n, std::int64_t channels, const Integers& spatial) const {
  std::vector<std::int64_t> extents{n};
  extents.insert(extents.end(), spatial.begin(), spatial.end());
  extents.insert(extents.begin() + channel_axis(), channels);
  return Shape(extents);
}

Integers ConvGeometry::output() const {
  Integers extents;
  for (std::size_t k = 0; k < input.size(); ++k) {
    const auto padded = input[k] + low[k] + high[k], covered = (kernel[k] - 1) * dilation[k] + 1;
    require(covered <= padded, "a kernel that covers {} does not fit into {} along spatial axis {}",
            covered, padded, k);
    extents.push_back((padded - covered) / strides[k] + 1);
  }
  return extents;
}

Value conv(const Value& x, const Value& w, const ConvGeometry& geometry) {
  return apply1(kForward, geometry.attributes(), {x, w});
}
Value conv_dgrad(const Value& y, const Value& w, const ConvGeometry& geometry) {
  return apply1(kDgrad, geometry.attributes(), {y, w});
}
Value conv_wgrad(const Value& x, const Value& y, const ConvGeometry& geometry) {
  return apply1(kWgrad, geometry.attributes(), {x, y});
}

void add_conv(OpRegistry& registry) {
  for (const auto* op : {&kForward, &kDgrad, &kWgrad}) registry.add(*op);
}

}  // namespace r1::ml
