// Residual networks (He et al., "Deep residual learning for image recognition", arXiv:1512.03385, table 1): a stem, four stages of
// residual blocks, the mean of each channel and a linear map to the classes. Where the shape changes, the way around a block is a
// convolution of 1 by 1 (option B). In blocks of three convolutions the stride is that of the 3 by 3, as in torchvision, not of the first
// one as in the paper. Convolutions have no bias and begin normal with variance 2/(O K L) (He et al., arXiv:1502.01852, by the outputs).
// x (N, C, H, W)  ->  logits (N, classes)
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/shape_error.hpp"
#include "ml/layers/activations.hpp"
#include "ml/layers/batch_norm.hpp"
#include "ml/layers/conv2d.hpp"
#include "ml/models/model.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/pool.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace r1::ml {
namespace {

enum class BlockKind : std::uint8_t {
  basic,      // 3 by 3, 3 by 3
  bottleneck  // 1 by 1, 3 by 3, 1 by 1 with four times the channels
};

struct Architecture {
  std::int64_t depth;
  BlockKind kind;
  std::array<int, 4> blocks;  // of the stages
};
constexpr Architecture kArchitectures[] = {{18, BlockKind::basic, {2, 2, 2, 2}},
                                           {34, BlockKind::basic, {3, 4, 6, 3}},
                                           {50, BlockKind::bottleneck, {3, 4, 6, 3}},
                                           {101, BlockKind::bottleneck, {3, 4, 23, 3}},
                                           {152, BlockKind::bottleneck, {3, 8, 36, 3}}};
constexpr std::int64_t kStemChannels = 64;
constexpr std::int64_t kExpansion = 4;  // of the channels in a bottleneck

enum class Stem : std::uint8_t {
  large,  // 7 by 7 of stride 2, then the largest of 3 by 3 of stride 2
  small   // 3 by 3 of stride 1
};

/// Zeros around the image keep its extents where the stride is 1.
Value convolution(ModelTrace& trace, const std::string& name, const Value& x, std::int64_t channels,
                  std::int64_t kernel, std::int64_t stride) {
  const ModelTrace::Place place(trace, name, "conv2d");
  const auto fan_out = static_cast<double>(channels * kernel * kernel);
  Conv2dOptions o;
  o.out_channels = channels;
  o.kernel = {kernel, kernel};
  o.stride = {stride, stride};
  o.padding = {kernel / 2, kernel / 2};
  o.bias = Bias::no;
  o.weight = {Initial::Kind::normal, std::sqrt(2 / fan_out)};
  return conv2d(trace, x, o);
}

Value normalised(ModelTrace& trace, const std::string& name, const Value& x) {
  const ModelTrace::Place place(trace, name, "batch_norm");
  return batch_norm_layer(trace, x);
}

/// The convolutions of a block, with what follows each of them but the last activation.
Value branch(ModelTrace& trace, Value x, BlockKind kind, std::int64_t width, std::int64_t stride) {
  struct Step {
    std::int64_t channels, kernel, stride;
  };
  std::vector<Step> steps{{width, 3, stride}, {width, 3, 1}};
  if (kind == BlockKind::bottleneck)
    steps = {{width, 1, 1}, {width, 3, stride}, {kExpansion * width, 1, 1}};
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const auto number = std::to_string(k + 1);
    x = convolution(trace, "conv" + number, x, steps[k].channels, steps[k].kernel, steps[k].stride);
    x = normalised(trace, "norm" + number, x);
    if (k + 1 < steps.size()) x = relu(x);
  }
  return x;
}

class Resnet final : public Layer {
 public:
  Resnet(const Architecture& architecture, Stem stem, std::int64_t classes)
      : architecture_(architecture), stem_(stem), classes_(classes) {}

  Value build(ModelTrace& trace, const Value& images) const override {
    require(images.shape().rank() == 4 && is_floating(images.dtype()),
            "resnet needs images (N, C, H, W), not {}", images.type().text());
    Value x = stem(trace, images);
    for (std::size_t stage = 0; stage < architecture_.blocks.size(); ++stage)
      for (int k = 0; k < architecture_.blocks[stage]; ++k) {
        const ModelTrace::Place place(trace, fmt::format("stage{}.{}", stage + 1, k), "block");
        x = block(trace, x, kStemChannels << stage, stage > 0 && k == 0 ? 2 : 1);
      }
    x = mean(x, {2, 3});
    const Initial uniform{Initial::Kind::uniform, 1 / std::sqrt(static_cast<double>(x.shape()[1]))};
    const ModelTrace::Place place(trace, "head", "linear");
    return linear(trace, x, classes_, uniform, Bias::yes);
  }

 private:
  Value stem(ModelTrace& trace, const Value& images) const {
    const ModelTrace::Place place(trace, "stem", "");
    const bool large = stem_ == Stem::large;
    const Value x = convolution(trace, "conv", images, kStemChannels, large ? 7 : 3, large ? 2 : 1);
    const Value y = relu(normalised(trace, "norm", x));
    if (!large) return y;
    auto window = ConvGeometry::of(y.shape(), {1, 1, 3, 3});
    window.strides = {2, 2};
    window.low = window.high = {1, 1};
    return max_pool(y, window);
  }

  Value block(ModelTrace& trace, const Value& x, std::int64_t width, std::int64_t stride) const {
    const Value y = branch(trace, x, architecture_.kind, width, stride);
    if (x.shape() == y.shape()) return relu(x + y);
    const ModelTrace::Place place(trace, "projection", "");
    const Value around = convolution(trace, "conv", x, y.shape()[1], 1, stride);
    return relu(normalised(trace, "norm", around) + y);
  }

  const Architecture& architecture_;
  Stem stem_;
  std::int64_t classes_;
};

std::unique_ptr<Layer> made(const io::Config& c, const ModelContext& context) {
  const auto depth = c["depth"].integer();
  const auto* found = std::find_if(std::begin(kArchitectures), std::end(kArchitectures),
                                   [depth](const auto& a) { return a.depth == depth; });
  if (found == std::end(kArchitectures)) {
    std::string depths;
    for (const auto& a : kArchitectures)
      depths += (depths.empty() ? "" : ", ") + std::to_string(a.depth);
    c["depth"].fail(fmt::format("found {}, expected one of {}", depth, depths));
  }
  if (!c.has("classes") && context.classes == 0)
    c.fail("the targets are real numbers, not classes: give 'classes', the number of outputs");
  const auto classes = c.has("classes") ? c["classes"].integer() : context.classes;
  return std::make_unique<Resnet>(*found, c["stem"].is("small") ? Stem::small : Stem::large,
                                  classes);
}

}  // namespace

void add_resnet(ModelRegistry& registry) {
  using namespace io;
  const Schema options = mapping({
      Key("depth", integer().min(18).max(152), "18, 34, 50, 101 or 152 layers.").required_(),
      Key("classes", integer().min(1), "Number of outputs; default: classes of the data."),
      Key("stem", word({"large", "small"}),
          "How it begins: 7 by 7 of stride 2 and a pool, or 3 by 3 for images of some ten pixels.")
          .or_("large"),
  });
  registry.add("resnet", "A residual network for images.", options, made, "{depth: 18}");
}

}  // namespace r1::ml
