// Attention with several heads (Vaswani et al., arXiv:1706.03762, section 3.2.2).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/linear.hpp"
#include "ml/ops/attention.hpp"

namespace r1::ml {

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
