// Dropout: in training each element is 0 with probability p and divided by 1 - p otherwise; in evaluation it is x (Srivastava et al.,
// JMLR 15 (2014) 1929, in its inverted form). Which ones is a function of seed, step, sample and place in the model.
// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/dropout.hpp"

#include "ml/layers/layer.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/logic.hpp"

namespace r1::ml {
namespace {

class Dropout final : public Layer {
 public:
  explicit Dropout(double probability) : probability_(probability) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    return dropout(trace, x, probability_);
  }

 private:
  double probability_;
};

}  // namespace

Value dropout(const ModelTrace& trace, const Value& x, double probability) {
  if (trace.mode() == Mode::evaluation || probability == 0) return x;
  const Integers extents(x.shape().begin() + 1, x.shape().end());
  const Value kept = trace.random_choice(extents, 1 - probability);
  return select(kept, x * (1 / (1 - probability)), zeros_like(x));
}

void add_dropout(LayerRegistry& registry) {
  using namespace io;
  const Schema options = mapping(
      {Key("probability", real().min(0).max(0.999999), "Share of elements that are set to 0.")
           .required_()},
      "probability");
  registry.add(
      "dropout", "Sets elements to 0 at random, in training alone.", options,
      [](const Config& config, const LayerContext&) {
        return std::make_unique<Dropout>(config["probability"].real());
      },
      "{probability: 0.25}");
}

}  // namespace r1::ml
