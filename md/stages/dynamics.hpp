// The stage `dynamics`: makes integrator and thermostat and runs the steps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/config/run_settings.hpp"
#include "md/simulation.hpp"

namespace r1::md {

/// Collective.
void run_dynamics(Simulation& simulation, const DynamicsStage& stage,
                  const IntegratorRegistry& integrators, const ThermostatRegistry& thermostats,
                  std::uint64_t seed);

}  // namespace r1::md
