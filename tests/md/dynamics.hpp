// Velocity Verlet for tests that have no input file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/integrator.hpp"
#include "md/simulation.hpp"

namespace r1::test {

inline void run_with(md::Simulation& simulation, md::Thermostat& thermostat, std::int64_t steps,
                     double timestep) {
  const auto registry = md::builtin_integrators();
  const auto document = io::parse_config(
      "integrator: velocity_verlet\n", "input.yaml",
      io::mapping({io::Key("integrator", registry.schema(), "Integrator.").required_()}));
  document->check();
  const auto integrator =
      registry.make(document->root()["integrator"], {simulation.system().units, 1});
  simulation.run({steps, timestep}, *integrator, thermostat);
}

/// Without a thermostat.
inline void run_freely(md::Simulation& simulation, std::int64_t steps, double timestep) {
  md::Thermostat none;
  run_with(simulation, none, steps, timestep);
}

}  // namespace r1::test
