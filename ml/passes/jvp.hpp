// Forward-mode derivatives.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// How `outputs` move when `inputs` move along `tangents` (no value: not at all): no value where they do not. Nodes are added to the
/// graph. Inputs are independent: what one was made of does not matter.
Values push_forward(const Values& outputs, const Values& inputs, const Values& tangents);

}  // namespace r1::ml
