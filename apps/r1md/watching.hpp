// The watches of a run that the input asks for: for stalls, and for a drift of the conserved energy.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/parallel.hpp"
#include "io/stall_watch.hpp"
#include "md/config/run_settings.hpp"
#include "md/simulation.hpp"

#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace r1::apps {

/// Null where the input does not want it. A stall leaves its event in run.jsonl of `folder` and ends the process with
/// kEnvironmentFault. Must not outlive `simulation`. Collective.
std::unique_ptr<io::StallWatch> watch_for_stalls(const Parallel& parallel,
                                                 const md::WatchSettings& settings,
                                                 const md::Simulation& simulation,
                                                 const std::filesystem::path& folder);

/// Adds what looks at the energy; before all outputs, so that a row of energies that are no numbers is never written.
void watch_energy(md::Simulation& simulation, const md::RunSettings& settings,
                  const std::function<void(const std::string&)>& warn);

}  // namespace r1::apps
