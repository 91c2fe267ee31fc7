// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/conv.hpp"

#include "ml/ops/registry.hpp"
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

/// (first, second, rest...)
Shape image(std::int64_t first, std::int64_t second, const Integers& rest) {
  std::vector<std::int64_t> extents{first, second};
  extents.insert(extents.end(), rest.begin(), rest.end());
  return Shape(extents);
}

Integers spatial(const Shape& shape) {
  return {shape.begin() + std::min(2, shape.rank()), shape.end()};
}

void check_role(const Type& type, const Integers& extents, const char* role) {
  require(
      type.shape.rank() == static_cast<int>(extents.size()) + 2 && spatial(type.shape) == extents,
      "{} is {}, and its spatial extents should be {}", role, type.text(), Shape(extents).text());
}

/// One of the three; which operands it has and what comes out of it follow from `part`.
class Conv final : public MultilinearOp {
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
      case ConvPart::forward:
        return {conv_dgrad(c, b, g), conv_wgrad(a, c, g)};
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
    return {example(plane, 2, 4, 2), example(line, 1, 2, 3)};
  }

 private:
  static Type infer_y(const ConvGeometry& g, const Type& x, const Type& w) {
    check_role(x, g.input, "the input");
    check_role(w, g.kernel, "the kernel");
    require(x.shape[1] % g.groups == 0 && x.shape[1] / g.groups == w.shape[1] &&
                w.shape[0] % g.groups == 0,
            "{} groups of {} do not convolve {}", g.groups, w.text(), x.text());
    return x.with(image(x.shape[0], w.shape[0], g.output()));
  }
  static Type infer_x(const ConvGeometry& g, const Type& y, const Type& w) {
    check_role(y, g.output(), "the output");
    check_role(w, g.kernel, "the kernel");
    require(y.shape[1] == w.shape[0] && w.shape[0] % g.groups == 0 && w.shape[1] < kMost,
            "{} groups of {} do not lead to {}", g.groups, w.text(), y.text());
    return y.with(image(y.shape[0], w.shape[1] * g.groups, g.input));
  }
  static Type infer_w(const ConvGeometry& g, const Type& x, const Type& y) {
    check_role(x, g.input, "the input");
    check_role(y, g.output(), "the output");
    require(x.shape[0] == y.shape[0] && x.shape[1] % g.groups == 0 && y.shape[1] % g.groups == 0,
            "{} groups do not lead from {} to {}", g.groups, x.text(), y.text());
    return x.with(image(y.shape[1], x.shape[1] / g.groups, g.kernel));
  }

  Example example(const ConvGeometry& g, std::int64_t n, std::int64_t c, std::int64_t o) const {
    const Example::Operand x{{Dtype::f64, image(n, c, g.input)}},
        w{{Dtype::f64, image(o, c / g.groups, g.kernel)}}, y{{Dtype::f64, image(n, o, g.output())}};
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

ConvGeometry ConvGeometry::of(const Shape& x, const Shape& w) {
  ConvGeometry g;
  g.input = spatial(x);
  g.kernel = spatial(w);
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
      groups(a.integer("groups")) {}

Attributes ConvGeometry::attributes() const {
  return {{"input", input},     {"kernel", kernel},     {"low", low},      {"high", high},
          {"strides", strides}, {"dilation", dilation}, {"groups", groups}};
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
