// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/conv2d.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/layers/plane_options.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/reshape.hpp"

#include <cmath>

namespace r1::ml {
namespace {

class Conv2d final : public Layer {
 public:
  explicit Conv2d(Conv2dOptions options) : options_(std::move(options)) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    return conv2d(trace, x, options_);
  }

 private:
  Conv2dOptions options_;
};

}  // namespace

Value conv2d(ModelTrace& trace, const Value& x, const Conv2dOptions& o) {
  auto g = plane_geometry(x.shape(), o.kernel, o.stride, o.padding, o.dilation);
  g.groups = o.groups;
  const auto channels = x.shape()[1];
  require(channels % o.groups == 0 && o.out_channels % o.groups == 0,
          "groups: {} must divide the {} channels of {} and out_channels: {}", o.groups, channels,
          x.type().text(), o.out_channels);
  const Shape kernel{o.out_channels, channels / o.groups, o.kernel[0], o.kernel[1]};
  const auto fan_in = static_cast<double>(kernel[1] * kernel[2] * kernel[3]);
  const Initial uniform{Initial::Kind::uniform, 1 / std::sqrt(fan_in)};
  const Value w =
      trace.parameter("weight", {x.dtype(), kernel}, o.weight.value_or(uniform), Decay::yes);
  const Value y = conv(x, w, g);
  if (o.bias == Bias::no) return y;
  const Value b = trace.parameter("bias", {x.dtype(), {o.out_channels}}, uniform, Decay::no);
  return y + reshape(b, {o.out_channels, 1, 1});
}

void add_conv2d(LayerRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("out_channels", integer().min(1), "Channels of the result.").required_(),
      plane_key("kernel_size", 1, "Extents of the kernel.").required_(),
      plane_key("stride", 1, "Steps between its places.").or_("1"),
      plane_key("padding", 0, "Zeros around the image, at both ends.").or_("0"),
      plane_key("dilation", 1, "Steps between elements of the kernel.").or_("1"),
      Key("groups", integer().min(1), "Groups of channels that do not mix.").or_("1"),
      Key("bias", boolean(), "Whether a bias is added.").or_("true"),
  });
  registry.add(
      "conv2d", "Convolution of images (N, C, H, W).", options,
      [](const Config& c, const LayerContext&) {
        Conv2dOptions o;
        o.out_channels = c["out_channels"].integer();
        o.kernel = plane_of(c["kernel_size"]);
        o.stride = plane_of(c["stride"]);
        o.padding = plane_of(c["padding"]);
        o.dilation = plane_of(c["dilation"]);
        o.groups = c["groups"].integer();
        o.bias = c["bias"].boolean() ? Bias::yes : Bias::no;
        return std::make_unique<Conv2d>(std::move(o));
      },
      "{out_channels: 4, kernel_size: 3}");
}

}  // namespace r1::ml
