// SPDX-License-Identifier: Apache-2.0
#include "md/watch/energy_guard.hpp"

#include "md/watch/diagnosis.hpp"

#include <cmath>

namespace r1::md {

void EnergyGuard::observe(Simulation& simulation) {
  const Thermo& thermo = simulation.thermo();
  if (std::isfinite(thermo.total_energy())) return;
  const auto step = simulation.step();
  const auto closest = describe_closest_pair(simulation.exec(), simulation.comm(),
                                             simulation.system(), simulation.neighbors().list());
  const std::string energies = "potential energy " + std::to_string(thermo.potential_energy) +
                               ", kinetic energy " + std::to_string(thermo.kinetic_energy) +
                               (closest.empty() ? "" : "; " + closest);
  throw NumericError(
      "the energy is not finite at step " + std::to_string(step) + ": " + energies +
      (step == 0 ? "; atoms of the start overlap, or the potential is not defined there: check "
                   "the structure, or minimize first"
                 : "; the dynamics became unstable: shorten the timestep, or minimize first"));
}

}  // namespace r1::md
