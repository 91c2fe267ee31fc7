// SPDX-License-Identifier: Apache-2.0
#include "md/stages/dynamics.hpp"

namespace r1::md {

void run_dynamics(Simulation& simulation, const DynamicsStage& stage,
                  const IntegratorRegistry& integrators, const ThermostatRegistry& thermostats,
                  std::uint64_t seed) {
  const ThermostatContext context{simulation.system().units, seed};
  const auto integrator = integrators.make(stage.integrator, context);
  const auto thermostat = thermostats.make(stage.thermostat, context);
  simulation.run(stage.steps, stage.timestep, *integrator, *thermostat);
}

}  // namespace r1::md
