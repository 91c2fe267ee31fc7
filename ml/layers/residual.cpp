// A residual block (He et al., arXiv:1512.03385, eq. 1):  x + layers(x)
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/arithmetic.hpp"

namespace r1::ml {
namespace {

class Residual final : public Layer {
 public:
  explicit Residual(Sequence layers) : layers_(std::move(layers)) {}
  Value build(ModelTrace& trace, const Value& x) const override {
    const Value y = layers_.build(trace, x);
    require(x.type() == y.type(),
            "a residual block adds its input {} to the result {} of its layers: they must agree",
            x.type().text(), y.type().text());
    return x + y;
  }

 private:
  Sequence layers_;
};

}  // namespace

void add_residual(LayerRegistry& registry) {
  const auto inner = std::make_shared<const LayerRegistry>(registry);
  registry.add(
      "residual", "Layers one after the other, whose input is added to their result.",
      io::list(inner->schema(), 1),
      [inner](const io::Config& layers, const LayerContext& context) {
        std::vector<Sequence::Member> members;
        for (const auto& item : layers.items())
          members.push_back({item.kind(), inner->make(item, context), item});
        return std::make_unique<Residual>(Sequence(std::move(members)));
      },
      "[conv2d: {out_channels: 3, kernel_size: 3, padding: 1}, tanh: {}]");
}

}  // namespace r1::ml
