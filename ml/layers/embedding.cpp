// Embedding:  tokens (N, ...)  ->  (N, ..., C), a row of the parameter "weight" (V, C) for each. It begins normal with deviation 0.02.
// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/embedding.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/reshape.hpp"

namespace r1::ml {
namespace {

class Embedding final : public Layer {
 public:
  Embedding(std::int64_t vocabulary, std::int64_t features)
      : vocabulary_(vocabulary), features_(features) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    const Value table = trace.parameter("weight", {trace.dtype(), {vocabulary_, features_}},
                                        {Initial::Kind::normal, 0.02}, Decay::yes);
    return embedding(table, x);
  }

 private:
  std::int64_t vocabulary_, features_;
};

}  // namespace

Value embedding(const Value& table, const Value& tokens) {
  require(tokens.dtype() == Dtype::i32 || tokens.dtype() == Dtype::i64,
          "tokens, i32 or i64, are embedded, not {}", tokens.type().text());
  auto extents = tokens.shape().extents();
  extents.push_back(table.shape()[1]);
  return reshape(gather(table, reshape(tokens, {tokens.shape().elements()})), Shape(extents));
}

void add_embedding(LayerRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("vocabulary", integer().min(1), "Number of different tokens.").required_(),
      Key("features", integer().min(1), "Features of each.").required_(),
  });
  registry.add(
      "embedding", "A learned row of a table for each token.", options,
      [](const Config& c, const LayerContext& context) {
        const auto vocabulary = c["vocabulary"].integer();
        if (vocabulary < context.tokens)
          c["vocabulary"].fault(fmt::format("found {}, but the data have {} different tokens",
                                            vocabulary, context.tokens));
        return std::make_unique<Embedding>(vocabulary, c["features"].integer());
      },
      "{vocabulary: 11, features: 3}");
}

}  // namespace r1::ml
