// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/model_trace.hpp"

namespace r1::ml {

/// In training each element is 0 with `probability` and divided by 1 - probability otherwise; in evaluation it is x.
Value dropout(const ModelTrace& trace, const Value& x, double probability);

}  // namespace r1::ml
