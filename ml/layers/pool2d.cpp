// Pooling of images:  x (N, C, H, W)  ->  (N, C, H', W'), the largest or the mean of each window.
// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/layer.hpp"
#include "ml/layers/plane_options.hpp"
#include "ml/ops/pool.hpp"

namespace r1::ml {
namespace {

using Pooling = Value (*)(const Value&, const ConvGeometry&);

class Pool2d final : public Layer {
 public:
  Pool2d(Pooling pooling, Integers kernel, Integers stride, Integers padding)
      : pooling_(pooling),
        kernel_(std::move(kernel)),
        stride_(std::move(stride)),
        padding_(std::move(padding)) {}
  Value build(ModelTrace&, const Value& x) const override {
    return pooling_(x, plane_geometry(x.shape(), kernel_, stride_, padding_, {1, 1}));
  }

 private:
  Pooling pooling_;
  Integers kernel_, stride_, padding_;
};

}  // namespace

void add_pool2d(LayerRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      plane_key("kernel_size", 1, "Extents of a window.").required_(),
      plane_key("stride", 1, "Steps between windows; default: their extents."),
      plane_key("padding", 0, "Elements around the image, at both ends.").or_("0"),
  });
  const struct {
    const char *name, *sentence;
    Pooling pooling;
  } kinds[] = {{"max_pool2d", "The largest element of each window.", max_pool},
               {"average_pool2d", "The mean of each window; padding counts as 0.", average_pool}};
  for (const auto& [name, sentence, pooling] : kinds)
    registry.add(
        name, sentence, options,
        [pooling = pooling](const Config& c, const LayerContext&) {
          const auto kernel = plane_of(c["kernel_size"]);
          return std::make_unique<Pool2d>(pooling, kernel,
                                          c.has("stride") ? plane_of(c["stride"]) : kernel,
                                          plane_of(c["padding"]));
        },
        "{kernel_size: 2}");
}

}  // namespace r1::ml
