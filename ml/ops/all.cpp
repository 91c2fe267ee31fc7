// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "ml/ops/registry.hpp"

namespace r1::ml {

void OpRegistry::add(const Op& op) {
  R1_ASSERT(find(op.name()) == nullptr);
  ops_.push_back(&op);
}

const Op* OpRegistry::find(std::string_view name) const {
  for (const auto* op : ops_)
    if (op->name() == name) return op;
  return nullptr;
}

OpRegistry builtin_ops() {
  OpRegistry registry;
  add_arithmetic(registry);
  add_attention_ops(registry);
  add_broadcast(registry);
  add_collectives(registry);
  add_concat(registry);
  add_control(registry);
  add_conv(registry);
  add_cumsum(registry);
  add_dot(registry);
  add_gather(registry);
  add_gelu(registry);
  add_layer_norm(registry);
  add_leaves(registry);
  add_logic(registry);
  add_moments(registry);
  add_pad(registry);
  add_permute(registry);
  add_pool(registry);
  add_random(registry);
  add_reduce_max(registry);
  add_reshape(registry);
  add_self_attention(registry);
  add_softmax_cross_entropy(registry);
  add_topk(registry);
  add_transcendental(registry);
  return registry;
}

}  // namespace r1::ml
