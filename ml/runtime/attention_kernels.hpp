// Kernels of attention (ml/ops/attention.cpp has the formulas), and what a query sees.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "ml/runtime/kernel.hpp"

#include <array>
#include <cmath>
#include <span>

namespace r1::ml {

/// Batches are samples with their heads. q, k and v are arrays of their own, (B, T, D), (B, S, D), (B, S, E), or lie side by side in one,
/// (N, T, 3, H, D), with B = N H and y (N, T, H, D).
struct AttentionSizes {
  std::int64_t heads, batches, queries, keys, width, value_width;

  static bool side_by_side(std::span<const Type> operands) { return operands[0].shape.rank() == 5; }
  explicit AttentionSizes(std::span<const Type> operands) {
    const Shape& q = operands[0].shape;
    if (side_by_side(operands)) {
      heads = q[3];
      batches = q[0] * heads;
      queries = keys = q[1];
      width = value_width = q[4];
    } else {
      heads = 1;
      batches = q[0];
      queries = q[1];
      keys = operands[1].shape[1];
      width = q[2];
      value_width = operands[2].shape[2];
    }
  }
  double scale() const { return 1 / std::sqrt(static_cast<double>(width)); }
};

/// Where the rows of the batches' matrices lie in an array, in elements.
struct HeadRows {
  std::int64_t heads, sample, head, row;  // of a sample; from one to the next of each

  KOKKOS_INLINE_FUNCTION std::int64_t at(std::int64_t batch, std::int64_t index) const {
    return batch / heads * sample + batch % heads * head + index * row;
  }
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
  std::int64_t side_by_side;  // arrays that lie in one: 3, or 1
  HeadRows q, k, v, y;

  explicit AttentionShape(const KernelRequest& request)
      : sizes(request.operands),
        reach(request.attributes),
        side_by_side(AttentionSizes::side_by_side(request.operands) ? 3 : 1),
        q(rows(sizes.queries, sizes.width, side_by_side)),
        k(rows(sizes.keys, sizes.width, side_by_side)),
        v(rows(sizes.keys, sizes.value_width, side_by_side)),
        y(rows(sizes.queries, sizes.value_width, 1)) {}
  /// What some queries see together.
  KOKKOS_INLINE_FUNCTION KeyRange seen_by(std::int64_t query, std::int64_t queries) const {
    return {reach.first_key(query, sizes.queries, sizes.keys),
            reach.end_of_keys(query + queries - 1, sizes.queries, sizes.keys)};
  }

  /// Of q, k and v among operands, or their derivatives among results.
  std::size_t arrays() const { return side_by_side == 1 ? 3 : 1; }
  template <class T, class Addresses>
  std::array<T*, 3> qkv(const Addresses& addresses) const {
    if (arrays() == 3)
      return {static_cast<T*>(addresses[0]), static_cast<T*>(addresses[1]),
              static_cast<T*>(addresses[2])};
    auto* first = static_cast<T*>(addresses[0]);
    const std::int64_t part = sizes.heads * sizes.width;
    return {first, first + part, first + 2 * part};
  }

 private:
  HeadRows rows(std::int64_t count, std::int64_t width, std::int64_t together) const {
    const std::int64_t row = together * sizes.heads * width;
    return {sizes.heads, count * row, width, row};
  }
};

/// q, k, v -> y, log_sum (B, T).
std::unique_ptr<Kernel> attention_kernel(const KernelRequest& request);
/// q, k, v, y, log_sum, dy -> dq, dk, dv.
std::unique_ptr<Kernel> attention_gradient_kernel(const KernelRequest& request);

std::unique_ptr<Kernel> host_attention_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> host_attention_gradient_kernel(const KernelRequest& request);
/// For GPUs; these run everywhere.
std::unique_ptr<Kernel> group_attention_kernel(const KernelRequest& request);
std::unique_ptr<Kernel> group_attention_gradient_kernel(const KernelRequest& request);

}  // namespace r1::ml
