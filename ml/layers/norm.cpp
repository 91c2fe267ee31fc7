// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/norm.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/layer_norm.hpp"

namespace r1::ml {
namespace {

std::int64_t last_axis(const Value& x) {
  require(x.shape().rank() >= 2 && is_floating(x.dtype()),
          "features (N, ..., C) are normalised, not {}", x.type().text());
  return x.shape().rank() - 1;
}

Type features_of(const Value& x) {
  return {x.dtype(), {x.shape()[static_cast<int>(last_axis(x))]}};
}

Value scale_of(ModelTrace& trace, const Value& x) {
  return trace.parameter("scale", features_of(x), {Initial::Kind::constant, 1}, Decay::no);
}

class LayerNorm final : public Layer {
 public:
  LayerNorm(double epsilon, Shift shift) : epsilon_(epsilon), shift_(shift) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    const Value scale = scale_of(trace, x);
    Value shift;
    if (shift_ == Shift::learned)
      shift = trace.parameter("shift", features_of(x), {Initial::Kind::constant, 0}, Decay::no);
    return layer_norm(x, scale, shift, epsilon_);
  }

 private:
  double epsilon_;
  Shift shift_;
};

class RmsNorm final : public Layer {
 public:
  explicit RmsNorm(double epsilon) : epsilon_(epsilon) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    return rms_norm(x, scale_of(trace, x), epsilon_);
  }

 private:
  double epsilon_;
};

}  // namespace

Value layer_norm_layer(ModelTrace& trace, const std::string& name, const Value& x, Shift shift) {
  const ModelTrace::Place place(trace, name, "layer_norm");
  return LayerNorm(1e-5, shift).build(trace, x);
}

void add_norms(LayerRegistry& registry) {
  using namespace io;
  const Key epsilon =
      Key("epsilon", real().above(0), "Added to the variance, or mean square.").or_("1e-5");
  registry.add("layer_norm", "Each sample's features get mean 0 and variance 1, then a scale.",
               mapping({epsilon, Key("shift", boolean(), "Whether a shift is added.").or_("true")}),
               [](const Config& c, const LayerContext&) {
                 return std::make_unique<LayerNorm>(
                     c["epsilon"].real(), c["shift"].boolean() ? Shift::learned : Shift::none);
               });
  registry.add("rms_norm", "Each sample's features get mean square 1, then a scale.",
               mapping({epsilon}), [](const Config& c, const LayerContext&) {
                 return std::make_unique<RmsNorm>(c["epsilon"].real());
               });
}

}  // namespace r1::ml
