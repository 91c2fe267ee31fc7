// Collects the figures of summary.json from a finished simulation.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/output/summary.hpp"
#include "md/output/thermo_output.hpp"

namespace r1::md {

/// What the program knows and the simulation does not.
struct RunFacts {
  std::int64_t steps = 0;       // of dynamics
  double wall_seconds = 0;      // of the whole run
  double dynamics_seconds = 0;  // while dynamics ran
  std::string device;           // empty: the name of the execution space
};

/// Time per region of the profile.
std::vector<Phase> phases_of(const Profile::Report& report);

/// Threads of one rank on the host.
int host_threads();

/// Collective; the result is complete on rank 0.
Summary summarize(Simulation& simulation, const RunFacts& facts, const ThermoOutput& thermo);

}  // namespace r1::md
