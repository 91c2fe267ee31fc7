// Mean squared error of a sample:  prediction and target (N, ...)  ->  (N): the mean over all but the first axis of (p - t)^2.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/shape_error.hpp"
#include "ml/losses/loss.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/transcendental.hpp"

namespace r1::ml {
namespace {

class MeanSquaredError final : public Loss {
 public:
  Value of_samples(const Value& prediction, const Value& target) const override {
    require(prediction.shape() == target.shape() && prediction.dtype() == target.dtype(),
            "the model gives {}, and the targets are {}", prediction.type().text(),
            target.type().text());
    Integers axes = all_axes(prediction.shape());
    axes.erase(axes.begin());
    return mean(square(prediction - target), axes);
  }
  Value accuracy(const Value&, const Value&) const override { return {}; }
  bool wants_classes() const override { return false; }
};

}  // namespace

void add_mean_squared_error(LossRegistry& registry) {
  registry.add(
      "mse", "Mean squared error, for real targets.", io::mapping({}),
      [](const io::Config&, const LossContext&) { return std::make_unique<MeanSquaredError>(); });
}

}  // namespace r1::ml
