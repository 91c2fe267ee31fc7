// Activations, elementwise:  relu max(x, 0);  tanh;  silu x/(1 + exp(-x));  gelu x (1 + erf(x/sqrt 2))/2 (Hendrycks, Gimpel,
// arXiv:1606.08415, exact form);  sigmoid 1/(1 + exp(-x)).
// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/activations.hpp"

#include "ml/layers/layer.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/transcendental.hpp"

namespace r1::ml {
namespace {

class Activation final : public Layer {
 public:
  explicit Activation(Value (*function)(const Value&)) : function_(function) {}
  Value build(ModelTrace&, const Value& x) const override { return function_(x); }

 private:
  Value (*function_)(const Value&);
};

}  // namespace

// A NaN stays one.
Value relu(const Value& x) {
  const Value zero = zeros_like(x);
  return select(x <= zero, zero, x);
}

// By tanh, which does not overflow.
Value sigmoid(const Value& x) { return 0.5 + 0.5 * tanh(0.5 * x); }
Value silu(const Value& x) { return x * sigmoid(x); }

void add_activations(LayerRegistry& registry) {
  const struct {
    const char *name, *sentence;
    Value (*function)(const Value&);
  } all[] = {{"relu", "max(x, 0), without derivative at 0.", relu},
             {"tanh", "Hyperbolic tangent.", tanh},
             {"silu", "x times the logistic function of x.", silu},
             {"gelu", "x times the normal distribution's integral up to x.", gelu},
             {"sigmoid", "The logistic function.", sigmoid}};
  for (const auto& [name, sentence, function] : all)
    registry.add(name, sentence, io::mapping({}),
                 [function = function](const io::Config&, const LayerContext&) {
                   return std::make_unique<Activation>(function);
                 });
}

}  // namespace r1::ml
