// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/model_trace.hpp"

namespace r1::ml {

/// Rows of `table` (V, C) by `tokens` (N, ...), i32 or i64 -> (N, ..., C).
Value embedding(const Value& table, const Value& tokens);

}  // namespace r1::ml
