// gelu(x) = x c(x) and its derivative gelu_slope(x) = c(x) + x n(x), with the normal distribution n(x) = exp(-x^2/2)/sqrt(2 pi) and its integral
// c(x) = (1 + erf(x/sqrt 2))/2. One function each in a chain, so that a step keeps x alone between the way forth and the way back.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/gelu.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/composite.hpp"
#include "ml/ops/pointwise.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/transcendental.hpp"

#include <cmath>
#include <numbers>

namespace r1::ml {
namespace {

Value integral(const Value& x) { return 0.5 + 0.5 * erf(x * (1 / std::numbers::sqrt2)); }
Value density(const Value& x) {
  return exp(-0.5 * square(x)) * (1 / std::sqrt(2 * std::numbers::pi));
}

class PointwiseComposite final : public Pointwise, public Composed {
 public:
  using Composition = Value (*)(const Value& x);
  PointwiseComposite(Traits traits, Composition composition)
      : Pointwise(std::move(traits)), composition_(composition) {}
  Values compose(const Values& operands, const Attributes&) const override {
    return {composition_(operands[0])};
  }

 private:
  Composition composition_;
};

const PointwiseComposite kGeluSlope({"gelu_slope", 1,
                                     [](const Node& n) -> Values {
                                       const Value& x = n.operands[0];
                                       return {(2.0 - square(x)) * density(x)};
                                     }},
                                    [](const Value& x) { return integral(x) + x * density(x); });

const PointwiseComposite kGelu(
    {"gelu", 1, [](const Node& n) -> Values { return {apply1(kGeluSlope, {}, n.operands)}; }},
    [](const Value& x) { return x * integral(x); });

}  // namespace

Value gelu(const Value& x) { return apply1(kGelu, {}, {x}); }

void add_gelu(OpRegistry& registry) {
  registry.add(kGelu);
  registry.add(kGeluSlope);
}

}  // namespace r1::ml
