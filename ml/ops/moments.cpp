// channel_moments(x) -> (mean, variance), of images in either order.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/moments.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/composite.hpp"
#include "ml/ops/image_op.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/runtime/moments_kernel.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

int channel_axis(const Shape& shape, const Attributes& attributes) {
  return attributes.integer("channels_last") != 0 ? shape.rank() - 1 : 1;
}

class ChannelMoments final : public CompositeOp, public ImageOp {
 public:
  std::string_view name() const override { return "channel_moments"; }
  bool operand_is_image(std::size_t) const override { return true; }
  bool result_is_image(std::size_t) const override { return false; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const Type& x = operands[0];
    require(x.shape.rank() >= 2 && is_floating(x.dtype),
            "channels (N, C, ...) have moments, {} has not", x.text());
    const Type channels = x.with(Shape{x.shape[channel_axis(x.shape, attributes)]});
    return {channels, channels};
  }
  Values compose(const Values& operands, const Attributes& attributes) const override {
    const Value& x = operands[0];
    const auto channel = channel_axis(x.shape(), attributes);
    Integers others = all_axes(x.shape());
    others.erase(others.begin() + channel);
    const Value mean = mean_keeping(x, others);
    const Shape channels{x.shape()[channel]};
    return {reshape(mean, channels), ml::mean(square(x - mean), others)};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return channel_moments_kernel(request);
  }
  std::vector<Example> examples() const override {
    const Type first{Dtype::f64, {2, 3, 4}}, last{Dtype::f64, {2, 4, 3}};
    return {{{{first}}, {{"channels_last", std::int64_t{0}}}},
            {{{last}}, {{"channels_last", std::int64_t{1}}}}};
  }
} const kChannelMoments;

}  // namespace

Moments channel_moments(const Value& x) {
  const Values both = apply(kChannelMoments, {{"channels_last", std::int64_t{0}}}, {x});
  return {both[0], both[1]};
}

void add_moments(OpRegistry& registry) { registry.add(kChannelMoments); }

}  // namespace r1::ml
