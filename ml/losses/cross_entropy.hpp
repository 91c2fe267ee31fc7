// Cross entropy of classes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// log of the softmax over the last axis, without overflow.
Value log_softmax(const Value& logits);

/// logits (N, C), labels i32 or i64 (N)  ->  (N): -log softmax(logits)[label], mixed with the mean over all classes by
/// `label_smoothing` (Szegedy et al., arXiv:1512.00567, eq. 7). A label outside of [0, C) contributes 0 to the first term.
Value cross_entropy(const Value& logits, const Value& labels, double label_smoothing = 0);

/// (N), of the logits' type: 1 where the largest logit is the label's.
Value is_right(const Value& logits, const Value& labels);

}  // namespace r1::ml
