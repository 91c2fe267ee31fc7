// All operations by name, in the order of one explicit list (all.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/op.hpp"

#include <string_view>
#include <vector>

namespace r1::ml {

class OpRegistry {
 public:
  void add(const Op& op);
  /// Null if there is none.
  const Op* find(std::string_view name) const;
  const std::vector<const Op*>& all() const { return ops_; }

 private:
  std::vector<const Op*> ops_;
};

/// With every operation of the project.
OpRegistry builtin_ops();

// A line for each file in ml/ops.
void add_arithmetic(OpRegistry& registry);
void add_attention_ops(OpRegistry& registry);
void add_broadcast(OpRegistry& registry);
void add_collectives(OpRegistry& registry);
void add_concat(OpRegistry& registry);
void add_control(OpRegistry& registry);
void add_conv(OpRegistry& registry);
void add_cumsum(OpRegistry& registry);
void add_dot(OpRegistry& registry);
void add_gather(OpRegistry& registry);
void add_gelu(OpRegistry& registry);
void add_layer_norm(OpRegistry& registry);
void add_leaves(OpRegistry& registry);
void add_logic(OpRegistry& registry);
void add_moments(OpRegistry& registry);
void add_pad(OpRegistry& registry);
void add_permute(OpRegistry& registry);
void add_pool(OpRegistry& registry);
void add_random(OpRegistry& registry);
void add_reduce_max(OpRegistry& registry);
void add_reshape(OpRegistry& registry);
void add_self_attention(OpRegistry& registry);
void add_softmax_cross_entropy(OpRegistry& registry);
void add_topk(OpRegistry& registry);
void add_transcendental(OpRegistry& registry);

}  // namespace r1::ml
