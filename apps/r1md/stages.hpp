// The stages of a run, one after the other, with what they say on the way: events, progress, lines of evaluations and minima.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/parallel.hpp"
#include "apps/r1md/input.hpp"
#include "apps/r1md/progress_observer.hpp"
#include "md/output/output_set.hpp"

#include <filesystem>

namespace r1::apps {

/// What all stages of a run have done together.
struct StagesDone {
  std::int64_t steps = 0;  // of dynamics
  double seconds = 0;      // of dynamics
};

/// What stages work with. `progress` belongs to the simulation.
struct StageWork {
  const Parallel& parallel;
  const Registries& registries;
  const md::RunSettings& settings;
  md::Simulation& simulation;
  md::OutputSet& outputs;
  ProgressObserver& progress;
  std::filesystem::path folder;
};
StagesDone run_stages(const StageWork& work);

}  // namespace r1::apps
