// Tensors end to end along one axis.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// They agree in all other axes.
Value concat(const Values& parts, int axis);

}  // namespace r1::ml
