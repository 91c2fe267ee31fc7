// Flatten:  x (N, a, b, ...)  ->  (N, a b ...)
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/reshape.hpp"

namespace r1::ml {
namespace {

class Flatten final : public Layer {
 public:
  Value build(ModelTrace&, const Value& x) const override {
    require(x.shape().rank() >= 1, "there is nothing to flatten in {}", x.type().text());
    std::int64_t features = 1;
    for (int axis = 1; axis < x.shape().rank(); ++axis) features *= x.shape()[axis];
    return reshape(x, {x.shape()[0], features});
  }
};

}  // namespace

void add_flatten(LayerRegistry& registry) {
  registry.add("flatten", "All axes but the first become one.", io::mapping({}),
               [](const io::Config&, const LayerContext&) { return std::make_unique<Flatten>(); });
}

}  // namespace r1::ml
