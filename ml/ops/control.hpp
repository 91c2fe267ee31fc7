// Values that steer transforms and schedules, and compute nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// x, which no derivative goes through.
Value stop_gradient(const Value& x);

/// x, not before `earlier` has been computed: keeps a recomputation apart from the first computation, and orders collectives.
Value depends(const Value& x, const Value& earlier);

}  // namespace r1::ml
