// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/attention.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/layers/dropout.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/reshape.hpp"

namespace r1::ml {
namespace {

class Attention final : public Layer {
 public:
  explicit Attention(AttentionOptions options) : options_(options) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    return self_attention(trace, x, options_);
  }

 private:
  AttentionOptions options_;
};

AttentionWindow window_of(const io::Config& value) {
  using Kind = AttentionWindow::Kind;
  if (value.alternative() == 1) return {Kind::sliding, value.integer()};
  return {value.is("causal") ? Kind::causal : Kind::all, 0};
}

}  // namespace

Value self_attention(ModelTrace& trace, const Value& x, const AttentionOptions& o) {
  require(x.shape().rank() == 3, "attention needs (N, T, C), not {}", x.type().text());
  const auto samples = x.shape()[0], tokens = x.shape()[1], width = x.shape()[2];
  require(width % o.heads == 0, "{} heads do not divide the width {} of {}", o.heads, width,
          x.type().text());
  const auto head = width / o.heads;
  Value qkv;
  {
    const ModelTrace::Place place(trace, "qkv", "");
    qkv = linear(trace, x, 3 * width, o.weight, o.bias);
  }
  const Value y = self_attention(reshape(qkv, {samples, tokens, 3, o.heads, head}), o.window);
  const Value joined = reshape(y, {samples, tokens, width});
  const ModelTrace::Place place(trace, "projection", "");
  return dropout(trace, linear(trace, joined, width, o.projection, o.bias), o.dropout);
}

void add_attention(LayerRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("heads", integer().min(1), "Heads; they divide the width.").required_(),
      Key("window", any_of({word({"all", "causal"}), integer().min(1)}),
          "What a token sees: all, itself and earlier ones, or so many of the latter.")
          .or_("all"),
      Key("bias", boolean(), "Whether the affine maps have biases.").or_("true"),
      Key("dropout", real().min(0).max(0.999999), "Of the result.").or_("0.0"),
  });
  registry.add(
      "attention", "Self-attention of (N, T, C).", options,
      [](const Config& c, const LayerContext&) {
        const Initial weight{Initial::Kind::normal, 0.02};
        return std::make_unique<Attention>(AttentionOptions{
            c["heads"].integer(), window_of(c["window"]),
            c["bias"].boolean() ? Bias::yes : Bias::no, weight, weight, c["dropout"].real()});
      },
      "{heads: 1, window: causal}");
}

}  // namespace r1::ml
