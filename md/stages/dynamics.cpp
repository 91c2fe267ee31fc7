// SPDX-License-Identifier: Apache-2.0
#include "md/stages/dynamics.hpp"

namespace r1::md {

Ended run_dynamics(Simulation& simulation, const DynamicsStage& stage,
                   const IntegratorRegistry& integrators, const ThermostatRegistry& thermostats,
                   std::uint64_t seed, const io::CheckpointReader* resumed) {
  const ThermostatContext context{simulation.system().units, seed};
  const auto integrator = integrators.make(stage.integrator, context);
  const auto thermostat = thermostats.make(stage.thermostat, context);
  const DynamicsPlan plan{stage.steps, stage.timestep};
  if (resumed != nullptr) return simulation.resume(*resumed, plan, *integrator, *thermostat);
  return simulation.run(plan, *integrator, *thermostat);
}

}  // namespace r1::md
