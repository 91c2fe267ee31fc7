// Kernels of attention (ml/ops/attention.cpp has the formulas), and what a query sees.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "ml/runtime/kernel.hpp"

#include <cmath>
#include <span>

namespace r1::ml {

struct AttentionSizes {
  std::int64_t batches, queries, keys, width, value_width;

  /// q (B, T, D), k (B, S, D), v (B, S, E)
  explicit AttentionSizes(std::span<const Type> operands)
      : batches(operands[0].shape[0]),
        queries(operands[0].shape[1]),
        keys(operands[1].shape[1]),
        width(operands[0].shape[2]),
        value_width(operands[2].shape[2]) {}
  double scale() const { return 1 / std::sqrt(static_cast<double>(width)); }
};

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

struct KeyRange {
  std::int64_t begin, end;
};

struct AttentionShape {
  AttentionSizes sizes;
  AttentionReach reach;

  explicit AttentionShape(const KernelRequest& request)
      : sizes(request.operands), reach(request.attributes) {}
  /// What some queries see together.
  KOKKOS_INLINE_FUNCTION KeyRange seen_by(std::int64_t query, std::int64_t queries) const {
    return {reach.first_key(query, sizes.queries, sizes.keys),
            reach.end_of_keys(query + queries - 1, sizes.queries, sizes.keys)};
  }
};

/// q (B, T, D), k (B, S, D), v (B, S, E) -> y (B, T, E), log_sum (B, T).
std::unique_ptr<Kernel> attention_kernel(const KernelRequest& request);
/// q, k, v, y, log_sum, dy -> dq, dk, dv.
std::unique_ptr<Kernel> attention_gradient_kernel(const KernelRequest& request);

std::unique_ptr<Kernel> host_attention_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> host_attention_gradient_kernel(const KernelRequest& request);
/// For GPUs; these run everywhere.
std::unique_ptr<Kernel> group_attention_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> group_attention_gradient_kernel(const KernelRequest& request);

}  // namespace r1::ml
