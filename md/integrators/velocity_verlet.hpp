// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/integrator.hpp"

namespace r1::md {

void add_velocity_verlet(IntegratorRegistry& registry);

}  // namespace r1::md
