// The largest element along axes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// Removes `axes` (ascending). The derivative is shared equally by all elements that are the largest.
Value reduce_max(const Value& x, const Integers& axes);
/// The same, kept with extent 1.
Value max_keeping(const Value& x, const Integers& axes);

}  // namespace r1::ml
