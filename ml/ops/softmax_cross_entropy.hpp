// Cross entropy of classes, from logits: a composite.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// logits (N, C), labels (N), i32 or i64 -> (N): minus the logarithm of the label's softmax probability; with `label_smoothing` s the target
/// is 1 - s for the label and s/C for all classes (Szegedy et al., arXiv:1512.00567, section 7). A label outside of [0, C) has no part in it.
Value softmax_cross_entropy(const Value& logits, const Value& labels, double label_smoothing = 0);

}  // namespace r1::ml
