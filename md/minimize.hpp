// Minimisation of the potential energy by FIRE: Bitzek, Koskinen, Gaehler, Moseler, Gumbsch, Phys. Rev. Lett. 97, 170201 (2006),
// with the corrections of FIRE 2.0: Guenole et al., Comput. Mater. Sci. 175, 109584 (2020), algorithm 2. Damped dynamics from
// rest, in which all atoms have the same mass: the path is not that of a dynamics, only its end matters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/simulation.hpp"

#include <cstdint>

namespace r1::md {

struct MinimizeOptions {
  double force_tolerance = 1e-4;  // [force]
  std::int64_t max_steps = 10000;
};

struct MinimizeResult {
  std::int64_t steps = 0;
  enum class End { converged, out_of_steps } end = End::out_of_steps;
  double max_force = 0;         // the longest force on an atom [force]
  double potential_energy = 0;  // with tail corrections [energy]
};

/// Moves atoms until max |F_i| <= force_tolerance. Velocities, step and time stay as they are; the tally holds totals
/// afterwards. After Simulation::prepare(). Collective; the same on any number of ranks, to rounding. NumericError if forces
/// are not finite.
MinimizeResult minimize(Simulation& simulation, const MinimizeOptions& options);

}  // namespace r1::md
