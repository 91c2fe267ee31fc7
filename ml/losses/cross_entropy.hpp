// How many samples of classes are told right. Their loss is ml/ops/softmax_cross_entropy.hpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// (N), of the logits' type: 1 where the largest logit is the label's.
Value is_right(const Value& logits, const Value& labels);

}  // namespace r1::ml
