// Velocities at the start: Maxwell's distribution, zero total momentum, and exactly the temperature asked for,
//   T = 2K/((3N − 3) k).
// Every atom's draw depends on seed and id alone, so the result is the same on any number of ranks, to rounding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "md/system.hpp"

namespace r1::md {

/// Sets the velocities of all atoms; a lone atom is left at rest. `temperature` [K] >= 0. Collective.
void set_maxwell_velocities(const Exec& exec, const Communicator& comm, System& system,
                            double temperature, std::uint64_t seed);

}  // namespace r1::md
