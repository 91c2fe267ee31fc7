// A transformer that predicts the next token (Radford et al., "Language models are unsupervised multitask learners", 2019): token and
// learned position embeddings, blocks of attention and MLP, each after a layer norm and added to its input, and a head that is the token
// table again. It begins as nanoGPT does: normal with deviation 0.02, the projections back onto the stream with 0.02/sqrt(2 layers),
// biases 0.   tokens (N, T)  ->  logits (N, T, V)
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/shape_error.hpp"
#include "ml/layers/activations.hpp"
#include "ml/layers/attention.hpp"
#include "ml/layers/dropout.hpp"
#include "ml/layers/embedding.hpp"
#include "ml/layers/norm.hpp"
#include "ml/models/model.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/reshape.hpp"

#include <cmath>

namespace r1::ml {
namespace {

struct GptOptions {
  std::int64_t layers, heads, width, vocabulary;
  Bias bias;
  double dropout;
};

class Gpt final : public Layer {
 public:
  explicit Gpt(GptOptions options) : o_(options) {}

  Value build(ModelTrace& trace, const Value& tokens) const override {
    require(tokens.shape().rank() == 2, "gpt needs tokens (N, T), not {}", tokens.type().text());
    const auto positions = tokens.shape()[1];
    const Value table =
        trace.parameter("tokens", {trace.dtype(), {o_.vocabulary, o_.width}}, kWeight, Decay::yes);
    const Value places =
        trace.parameter("positions", {trace.dtype(), {positions, o_.width}}, kWeight, Decay::yes);
    Value x = dropout(trace, embedding(table, tokens) + places, o_.dropout);
    for (std::int64_t k = 0; k < o_.layers; ++k) {
      const ModelTrace::Place place(trace, std::to_string(k), "block");
      x = block(trace, x);
    }
    x = layer_norm_layer(trace, "norm", x, shift());
    return matmul(x, transpose(table));
  }

 private:
  static constexpr Initial kWeight{Initial::Kind::normal, 0.02};
  Shift shift() const { return o_.bias == Bias::yes ? Shift::learned : Shift::none; }
  Initial projection() const {
    return {Initial::Kind::normal, 0.02 / std::sqrt(2 * static_cast<double>(o_.layers))};
  }

  Value block(ModelTrace& trace, Value x) const {
    const Value a = layer_norm_layer(trace, "norm1", x, shift());
    {
      const ModelTrace::Place place(trace, "attention", "");
      const AttentionWindow causal{AttentionWindow::Kind::causal, 0};
      x = x +
          self_attention(trace, a, {o_.heads, causal, o_.bias, kWeight, projection(), o_.dropout});
    }
    const Value b = layer_norm_layer(trace, "norm2", x, shift());
    const ModelTrace::Place place(trace, "mlp", "");
    return x + mlp(trace, b);
  }

  Value mlp(ModelTrace& trace, const Value& x) const {
    Value hidden;
    {
      const ModelTrace::Place place(trace, "up", "");
      hidden = gelu(linear(trace, x, 4 * o_.width, kWeight, o_.bias));
    }
    const ModelTrace::Place place(trace, "down", "");
    return dropout(trace, linear(trace, hidden, o_.width, projection(), o_.bias), o_.dropout);
  }

  GptOptions o_;
};

std::unique_ptr<Layer> made(const io::Config& c, const ModelContext& context) {
  const auto heads = c["heads"].integer(), width = c["d_model"].integer();
  if (width % heads != 0)
    c["heads"].fault(std::to_string(heads) +
                     " heads do not divide d_model: " + std::to_string(width));
  auto vocabulary = context.classes;
  if (c.has("vocabulary")) vocabulary = c["vocabulary"].integer();
  if (vocabulary < context.classes)
    c["vocabulary"].fault("found " + std::to_string(vocabulary) + ", but the data have " +
                          std::to_string(context.classes) + " different tokens");
  return std::make_unique<Gpt>(GptOptions{c["layers"].integer(), heads, width, vocabulary,
                                          c["bias"].boolean() ? Bias::yes : Bias::no,
                                          c["dropout"].real()});
}

}  // namespace

void add_gpt(ModelRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("layers", integer().min(1), "Blocks.").required_(),
      Key("heads", integer().min(1), "Heads of each block's attention.").required_(),
      Key("d_model", integer().min(1), "Width of the stream.").required_(),
      Key("vocabulary", integer().min(1), "Number of tokens; default: that of the data."),
      Key("bias", boolean(), "Whether affine maps and norms have biases.").or_("true"),
      Key("dropout", real().min(0).max(0.999999), "In embeddings, attention and MLP.").or_("0.0"),
  });
  registry.add("gpt", "A transformer that predicts the next token.", options, made,
               "{layers: 1, heads: 2, d_model: 8}");
}

}  // namespace r1::ml
