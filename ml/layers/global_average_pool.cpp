// Means of channels:  x (N, C, ...)  ->  (N, C)
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/broadcast.hpp"

namespace r1::ml {
namespace {

class GlobalAveragePool final : public Layer {
 public:
  Value build(ModelTrace&, const Value& x) const override {
    require(x.shape().rank() >= 3 && is_floating(x.dtype()),
            "channels (N, C, ...) are averaged, not {}", x.type().text());
    Integers places = axes_but(x.shape(), 1);
    places.erase(places.begin());
    return mean(x, places);
  }
};

}  // namespace

void add_global_average_pool(LayerRegistry& registry) {
  registry.add("global_average_pool", "The mean of each channel: (N, C, ...) becomes (N, C).",
               io::mapping({}), [](const io::Config&, const LayerContext&) {
                 return std::make_unique<GlobalAveragePool>();
               });
}

}  // namespace r1::ml
