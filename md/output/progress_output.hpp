// Progress: an event every few seconds of the clock, from rank 0 alone, with the speed since the one before.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/output/events.hpp"
#include "md/simulation.hpp"

#include <chrono>
#include <memory>

namespace r1::md {

class ProgressOutput : public Observer {
 public:
  /// Counts from where `simulation` is.
  ProgressOutput(std::shared_ptr<EventLog> events, std::chrono::duration<double> interval,
                 const Simulation& simulation)
      : events_(std::move(events)),
        interval_(interval),
        last_step_(simulation.step()),
        last_builds_(static_cast<std::int64_t>(simulation.neighbors().builds())) {}

  /// By the clock, so ranks differ: nothing collective may follow from it.
  bool due(std::int64_t step, Place place) const override;
  void observe(Simulation& simulation) override;

 private:
  using Clock = std::chrono::steady_clock;

  std::shared_ptr<EventLog> events_;
  std::chrono::duration<double> interval_;
  Clock::time_point last_ = Clock::now();
  std::int64_t last_step_;
  std::int64_t last_builds_;
};

}  // namespace r1::md
