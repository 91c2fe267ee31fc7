// Attention (Vaswani et al., arXiv:1706.03762, eq. 1): a composite, which is computed in tiles and never holds all scores.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// Which keys a query sees. The last query stands at the last key.
struct AttentionWindow {
  enum class Kind : std::uint8_t {
    all,
    causal,  // its own and earlier ones
    sliding  // of those the last `length`
  } kind = Kind::all;
  std::int64_t length = 0;

  /// Throws ShapeError for one that shows nothing.
  Attributes attributes() const;
};

/// softmax(q k^T / sqrt(D)) v over the keys that the window shows.  q (B, T, D), k (B, S, D), v (B, S, E) -> (B, T, E). There is a key; where
/// a window hides some, there are as many keys as queries, at least. Memory beside the operands: O(T + S).
Value attention(const Value& q, const Value& k, const Value& v, const AttentionWindow& window);

/// The same for q, k and v of H heads side by side, as one product of matrices leaves them: (N, T, 3, H, D) -> (N, T, H, D).
Value self_attention(const Value& qkv, const AttentionWindow& window);

/// The operations themselves, with a window's attributes: q, k, v -> y, log_sum, and q, k, v, y, log_sum, dy -> dq, dk, dv.
Values attention_and_sums(const Values& qkv, const Attributes& window);
Values attention_gradient(const Values& operands, const Attributes& window);

}  // namespace r1::ml
