// Kernels of attention (ml/ops/attention.cpp has the formulas), and what a query sees.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {

/// Keys that a query sees, from the attributes "causal" (0, 1) and "length" (0: no limit). With T queries and S keys query t stands at
/// key t + S - T.
struct AttentionReach {
  static constexpr std::int64_t kUnlimited = 0;
  bool causal;
  std::int64_t length;

  explicit AttentionReach(const Attributes& attributes)
      : causal(attributes.integer("causal") != 0), length(attributes.integer("length")) {}
  bool hides() const { return causal; }
  KOKKOS_INLINE_FUNCTION std::int64_t first_key(std::int64_t query, std::int64_t queries,
                                                std::int64_t keys) const {
    if (!causal || length == kUnlimited) return 0;
    const std::int64_t first = query + keys - queries + 1 - length;
    return first > 0 ? first : 0;
  }
  KOKKOS_INLINE_FUNCTION std::int64_t end_of_keys(std::int64_t query, std::int64_t queries,
                                                  std::int64_t keys) const {
    return causal ? query + keys - queries + 1 : keys;
  }
};

/// q (B, T, D), k (B, S, D), v (B, S, E) -> y (B, T, E), log_sum (B, T).
std::unique_ptr<Kernel> attention_kernel(const KernelRequest& request);
/// q, k, v, y, log_sum, dy -> dq, dk, dv.
std::unique_ptr<Kernel> attention_gradient_kernel(const KernelRequest& request);

}  // namespace r1::ml
