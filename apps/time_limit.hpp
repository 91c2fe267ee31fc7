// The time of the clock that a run may take, and when it should leave to be done in time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/config/run_settings.hpp"

#include <chrono>
#include <optional>

namespace r1::apps {

class TimeLimit {
 public:
  /// `started`: of the program. Kind of_the_scheduler asks Slurm (SLURM_JOB_END_TIME, else squeue); CommandLineError where there is none.
  TimeLimit(const md::Walltime& walltime, std::chrono::steady_clock::time_point started);

  /// Whether the time left is no more than a checkpoint needs, with a margin. `write`: of the longest one so far.
  bool is_near(std::chrono::duration<double> write) const;
  /// Seconds that are left; none: unlimited.
  std::optional<double> left() const;

 private:
  std::optional<std::chrono::steady_clock::time_point> end_;
};

}  // namespace r1::apps
