// The stage `dynamics`: makes integrator and thermostat and runs the steps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/config/run_settings.hpp"
#include "md/simulation.hpp"

namespace r1::md {

/// The whole stage; with `resumed`, the rest of the one that this checkpoint has left. Collective.
Ended run_dynamics(Simulation& simulation, const DynamicsStage& stage,
                   const IntegratorRegistry& integrators, const ThermostatRegistry& thermostats,
                   std::uint64_t seed, const io::CheckpointReader* resumed = nullptr);

}  // namespace r1::md
