// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/integrator.hpp"

namespace r1::md {

void add_nose_hoover(ThermostatRegistry& registry);

}  // namespace r1::md
