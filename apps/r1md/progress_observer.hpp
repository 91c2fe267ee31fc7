// Shows the progress of dynamics on stderr, by the clock and from rank 0 alone: a bar on a terminal, else a line now and then.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/simulation.hpp"

#include <chrono>
#include <string>

namespace r1::apps {

/// Where progress goes.
enum class ProgressPlace { terminal, log_file, nowhere };

class ProgressObserver : public md::Observer {
 public:
  explicit ProgressObserver(ProgressPlace place) : place_(place) {}

  /// A stage of `steps` steps begins at `step`.
  void begin(std::string label, std::int64_t step, std::int64_t steps);
  /// Takes the bar away.
  void end();

  bool due(std::int64_t step, Place place) const override;
  void observe(md::Simulation& simulation) override;

 private:
  using Clock = std::chrono::steady_clock;

  ProgressPlace place_;
  std::string label_;
  std::int64_t first_ = 0, steps_ = 0, last_step_ = 0;
  Clock::time_point last_;
  bool shown_ = false;
};

}  // namespace r1::apps
