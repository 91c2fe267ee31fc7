// SPDX-License-Identifier: Apache-2.0
#include "md/output/progress_output.hpp"

namespace r1::md {

bool ProgressOutput::due(std::int64_t, Place) const { return Clock::now() - last_ >= interval_; }

void ProgressOutput::observe(Simulation& simulation) {
  const auto now = Clock::now();
  const std::chrono::duration<double> passed = now - last_;
  const auto steps = static_cast<double>(simulation.step() - last_step_);
  const auto atoms = static_cast<double>(simulation.system().n_global);
  const auto builds = static_cast<std::int64_t>(simulation.neighbors().builds());
  events_->progress({simulation.step(), simulation.time(), atoms * steps / passed.count(), builds,
                     steps / static_cast<double>(builds - last_builds_)});
  last_ = now;
  last_builds_ = builds;
  last_step_ = simulation.step();
}

}  // namespace r1::md
