// A layer: a piece of graph with parameters. One file each, which holds its keys in the input language, its parameters and its shapes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/registry.hpp"
#include "ml/layers/model_trace.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace r1::ml {

class Layer {
 public:
  virtual ~Layer() = default;
  /// x (N, ...) -> (N, ...). Throws ShapeError where x does not fit.
  virtual Value build(ModelTrace& trace, const Value& x) const = 0;
};

/// What layers need beside their options.
struct LayerContext {
  std::int64_t tokens = 0;  // different ones in the data; 0: the data are numbers
};
using LayerRegistry = io::Registry<Layer, LayerContext>;

/// With every layer of the project.
LayerRegistry builtin_layers();

/// Layers one after the other.
class Sequence final : public Layer {
 public:
  struct Member {
    std::string kind;  // its name in the registry
    std::unique_ptr<Layer> layer;
    io::Config where = {};  // in the input; may be none
  };
  explicit Sequence(std::vector<Member> members) : members_(std::move(members)) {}
  /// A layer that does not fit is a fault at its place in the input, where that is known: ConfigError.
  Value build(ModelTrace& trace, const Value& x) const override;

 private:
  std::vector<Member> members_;
};

// A line for each file in ml/layers.
void add_activations(LayerRegistry& registry);
void add_attention(LayerRegistry& registry);
void add_batch_norm(LayerRegistry& registry);
void add_conv2d(LayerRegistry& registry);
void add_dropout(LayerRegistry& registry);
void add_embedding(LayerRegistry& registry);
void add_flatten(LayerRegistry& registry);
void add_global_average_pool(LayerRegistry& registry);
void add_group_norm(LayerRegistry& registry);
void add_linear(LayerRegistry& registry);
void add_norms(LayerRegistry& registry);
void add_pool2d(LayerRegistry& registry);
/// Last: its block may hold any layer that is there already.
void add_residual(LayerRegistry& registry);

}  // namespace r1::ml
