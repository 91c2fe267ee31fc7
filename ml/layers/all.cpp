// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"

namespace r1::ml {

LayerRegistry builtin_layers() {
  LayerRegistry registry;
  add_activations(registry);
  add_attention(registry);
  add_batch_norm(registry);
  add_conv2d(registry);
  add_dropout(registry);
  add_embedding(registry);
  add_flatten(registry);
  add_global_average_pool(registry);
  add_group_norm(registry);
  add_linear(registry);
  add_norms(registry);
  add_pool2d(registry);
  add_residual(registry);
  return registry;
}

Value Sequence::build(ModelTrace& trace, const Value& x) const {
  Value value = x;
  for (std::size_t k = 0; k < members_.size(); ++k) {
    const auto& member = members_[k];
    const ModelTrace::Place place(trace, std::to_string(k), member.kind);
    try {
      value = member.layer->build(trace, value);
    } catch (ShapeError& error) {
      error.place(trace.graph().store().place());
      if (member.where.document()) member.where.fail(error.what());
      throw;
    }
  }
  return value;
}

}  // namespace r1::ml
