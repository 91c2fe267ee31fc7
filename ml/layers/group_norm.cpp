// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/group_norm.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"

namespace r1::ml {
namespace {

class GroupNorm final : public Layer {
 public:
  GroupNorm(std::int64_t groups, double epsilon) : groups_(groups), epsilon_(epsilon) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    require(x.shape().rank() >= 2 && is_floating(x.dtype()),
            "channels (N, C, ...) are normalised, not {}", x.type().text());
    const Type channels{x.dtype(), {x.shape()[1]}};
    const Value scale = trace.parameter("scale", channels, {Initial::Kind::constant, 1}, Decay::no);
    const Value shift = trace.parameter("shift", channels, {Initial::Kind::constant, 0}, Decay::no);
    return group_norm(x, groups_, scale, shift, epsilon_);
  }

 private:
  std::int64_t groups_;
  double epsilon_;
};

}  // namespace

Value group_norm(const Value& x, std::int64_t groups, const Value& scale, const Value& shift,
                 double epsilon) {
  const Shape& shape = x.shape();
  require(shape[1] % groups == 0, "groups: {} do not divide the {} channels of {}", groups,
          shape[1], x.type().text());
  const auto samples = shape[0];
  std::int64_t values = shape[1] / groups;  // of a group
  for (int axis = 2; axis < shape.rank(); ++axis) values *= shape[axis];
  require(values > 1, "groups: {} leave one value of {} to a group, which has no variance", groups,
          x.type().text());
  const Value grouped = reshape(x, {samples, groups, values});
  const Value centred = grouped - mean_keeping(grouped, {2});
  const Value normalised = centred / sqrt(mean_keeping(square(centred), {2}) + epsilon);
  return reshape(normalised, shape) * broadcast_along(scale, 1, shape) +
         broadcast_along(shift, 1, shape);
}

void add_group_norm(LayerRegistry& registry) {
  using namespace io;
  const Schema options = mapping(
      {Key("groups", integer().min(1), "Groups of channels; they divide the channels.").required_(),
       Key("epsilon", real().above(0), "Added to the variance.").or_("1e-5")},
      "groups");
  registry.add(
      "group_norm",
      "Each group of channels gets mean 0 and variance 1 in each sample, then a scale and a shift.",
      options,
      [](const Config& c, const LayerContext&) {
        return std::make_unique<GroupNorm>(c["groups"].integer(), c["epsilon"].real());
      },
      "{groups: 3}");
}

}  // namespace r1::ml
