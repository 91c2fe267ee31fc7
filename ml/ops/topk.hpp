// The largest elements along the last axis.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// x (..., N)  ->  i32 (..., k): where the k largest elements are, from the largest on; of equals the first comes first, a NaN is larger
/// than all. Their values are gather(x, top_k(x, k)), whose derivative is a gather's.
Value top_k(const Value& x, std::int64_t k);

}  // namespace r1::ml
