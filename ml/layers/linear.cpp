// Linear:  y = x W + b.   x (N, ..., C), W (C, D), b (D)  ->  y (N, ..., D)
// W and b begin uniform in +-1/sqrt(C) (He, Zhang, Ren, Sun, arXiv:1502.01852, with the slope that is usual for linear layers).
// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/linear.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/dot.hpp"

#include <cmath>

namespace r1::ml {
namespace {

class Linear final : public Layer {
 public:
  Linear(std::int64_t out_features, bool bias) : out_features_(out_features), bias_(bias) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    require(x.shape().rank() >= 2, "a linear layer needs (N, ..., C), not {}; flatten it first",
            x.type().text());
    require(is_floating(x.dtype()), "a linear layer needs numbers, not tokens {}; embed them first",
            x.type().text());
    const auto in_features = x.shape()[x.shape().rank() - 1];
    const Initial uniform{Initial::Kind::uniform, 1 / std::sqrt(static_cast<double>(in_features))};
    const Value w =
        trace.parameter("weight", {x.dtype(), {in_features, out_features_}}, uniform, Decay::yes);
    const Value y = matmul(x, w);
    if (!bias_) return y;
    return y + trace.parameter("bias", {x.dtype(), {out_features_}}, uniform, Decay::no);
  }

 private:
  std::int64_t out_features_;
  bool bias_;
};

}  // namespace

Value linear(ModelTrace& trace, const Value& x, std::int64_t features, Initial weight, Bias bias) {
  const auto in_features = x.shape()[x.shape().rank() - 1];
  const Value y = matmul(
      x, trace.parameter("weight", {x.dtype(), {in_features, features}}, weight, Decay::yes));
  if (bias == Bias::no) return y;
  return y + trace.parameter("bias", {x.dtype(), {features}}, {}, Decay::no);
}

void add_linear(LayerRegistry& registry) {
  using namespace io;
  const Schema options =
      mapping({Key("out_features", integer().min(1), "Features of the result.").required_(),
               Key("bias", boolean(), "Whether a bias is added.").or_("true")},
              "out_features");
  registry.add(
      "linear", "Affine map of the last axis.", options,
      [](const Config& config, const LayerContext&) {
        return std::make_unique<Linear>(config["out_features"].integer(), config["bias"].boolean());
      },
      "{out_features: 3}");
}

}  // namespace r1::ml
