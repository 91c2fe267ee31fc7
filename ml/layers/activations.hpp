// Activations as functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

Value relu(const Value& x);  // its derivative at 0 is 0
Value sigmoid(const Value& x);
Value silu(const Value& x);
Value gelu(const Value& x);  // the exact form

}  // namespace r1::ml
