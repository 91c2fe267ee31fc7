// Activations as functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/ops/gelu.hpp"

namespace r1::ml {

Value relu(const Value& x);  // its derivative at 0 is 0
Value sigmoid(const Value& x);
Value silu(const Value& x);

}  // namespace r1::ml
