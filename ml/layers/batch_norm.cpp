// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/batch_norm.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/moments.hpp"
#include "ml/ops/transcendental.hpp"

namespace r1::ml {
namespace {

class BatchNorm final : public Layer {
 public:
  explicit BatchNorm(BatchNormOptions options) : options_(options) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    return batch_norm_layer(trace, x, options_);
  }

 private:
  BatchNormOptions options_;
};

}  // namespace

BatchNormalized batch_norm(const Value& x, const Value& scale, const Value& shift, double epsilon) {
  const auto [mean, variance] = channel_moments(x);
  return {batch_norm_by(mean, variance, x, scale, shift, epsilon), mean, variance};
}

Value batch_norm_by(const Value& mean, const Value& variance, const Value& x, const Value& scale,
                    const Value& shift, double epsilon) {
  const auto by_channel = [&](const Value& v) { return broadcast_along(v, 1, x.shape()); };
  const Value factor = scale / sqrt(variance + epsilon);
  return (x - by_channel(mean)) * by_channel(factor) + by_channel(shift);
}

Value batch_norm_layer(ModelTrace& trace, const Value& x, const BatchNormOptions& options) {
  require(x.shape().rank() >= 2 && is_floating(x.dtype()),
          "channels (N, C, ...) are normalised, not {}", x.type().text());
  const Type channels{x.dtype(), {x.shape()[1]}};
  const Initial zero{Initial::Kind::constant, 0}, one{Initial::Kind::constant, 1};
  const Value scale = trace.parameter("scale", channels, one, Decay::no);
  const Value shift = trace.parameter("shift", channels, zero, Decay::no);
  const Value running_mean = trace.state("running_mean", channels, zero);
  const Value running_variance = trace.state("running_variance", channels, one);
  if (trace.mode() == Mode::evaluation)
    return batch_norm_by(running_mean, running_variance, x, scale, shift, options.epsilon);

  const auto values = x.shape().elements() / x.shape()[1];
  require(values > 1, "{} has one value a channel, which has no variance: training needs more",
          x.type().text());
  const auto batch = batch_norm(x, scale, shift, options.epsilon);
  const auto count = static_cast<double>(values);
  const double kept = 1 - options.momentum;
  trace.next("running_mean", kept * running_mean + options.momentum * batch.mean);
  trace.next("running_variance",
             kept * running_variance + options.momentum * count / (count - 1) * batch.variance);
  return batch.y;
}

void add_batch_norm(LayerRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("epsilon", real().above(0), "Added to the variance.").or_("1e-5"),
      Key("momentum", real().above(0).max(1), "Weight of the newest batch in the running means.")
          .or_("0.1"),
  });
  registry.add("batch_norm",
               "Each channel gets mean 0 and variance 1 over the batch, in evaluation by running "
               "means; then a scale and a shift.",
               options, [](const Config& c, const LayerContext&) {
                 return std::make_unique<BatchNorm>(
                     BatchNormOptions{c["epsilon"].real(), c["momentum"].real()});
               });
}

}  // namespace r1::ml
