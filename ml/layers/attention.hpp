// Attention (Vaswani et al., arXiv:1706.03762, eq. 1), with several heads.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/linear.hpp"

namespace r1::ml {

/// Which keys a query sees.
struct AttentionWindow {
  enum class Kind : std::uint8_t {
    all,
    causal,  // its own and earlier ones
    sliding  // of those the last `length`
  } kind = Kind::all;
  std::int64_t length = 0;
};

/// softmax(q k^T / sqrt(D)) v over the keys that the window shows.  q (B, T, D), k, v (B, S, D) -> (B, T, D)
Value attention(const Value& q, const Value& k, const Value& v, const AttentionWindow& window);

struct AttentionOptions {
  std::int64_t heads;
  AttentionWindow window;
  Bias bias;
  Initial weight, projection;  // of the two matrices
  double dropout;              // of the projection
};

/// Self-attention: x (N, T, C) -> (N, T, C). Parameters "qkv" (C, 3 C) and "projection" (C, C).
Value self_attention(ModelTrace& trace, const Value& x, const AttentionOptions& options);

}  // namespace r1::ml
