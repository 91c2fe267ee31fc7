// Shows the progress of a job's steps on stderr, by the clock and from rank 0 alone: a bar on a terminal, else a line now and then.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/parallel.hpp"

#include <chrono>
#include <cstdint>
#include <string>

namespace r1::apps {

/// Where progress goes.
enum class ProgressPlace { terminal, log_file, nowhere };

/// Nowhere on ranks above 0 and where the log is quiet.
ProgressPlace progress_place(const Parallel& parallel);

class ProgressDisplay {
 public:
  explicit ProgressDisplay(ProgressPlace place) : place_(place) {}

  /// `steps` steps begin at `step`.
  void begin(std::string label, std::int64_t step, std::int64_t steps);
  bool due() const;
  void show(std::int64_t step);
  /// Takes the bar away.
  void end();

 private:
  using Clock = std::chrono::steady_clock;

  ProgressPlace place_;
  std::string label_;
  std::int64_t first_ = 0, steps_ = 0, last_step_ = 0;
  Clock::time_point last_;
  bool shown_ = false;
};

}  // namespace r1::apps
