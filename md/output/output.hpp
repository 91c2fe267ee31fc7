// Output: an observer that leaves something behind. What has been observed may wait in memory; flush() brings it to the disk.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/simulation.hpp"

namespace r1::md {

/// `every: n`: steps that are multiples of n, step 0 among them, and the last step of each stage.
struct Schedule {
  std::int64_t every = 1;

  bool due(std::int64_t step, Observer::Place place) const {
    return step % every == 0 || place == Observer::Place::last_of_stage;
  }
};

/// An observer that looks by a schedule.
class ScheduledObserver : public Observer {
 public:
  explicit ScheduledObserver(Schedule schedule) : schedule_(schedule) {}
  bool due(std::int64_t step, Place place) const override { return schedule_.due(step, place); }

 private:
  Schedule schedule_;
};

class Output : public ScheduledObserver {
 public:
  using ScheduledObserver::ScheduledObserver;

  /// Everything observed so far is in the files afterwards. Collective.
  virtual void flush(Simulation& simulation) = 0;
  /// flush(), and nothing more to come. Collective.
  virtual void close(Simulation& simulation) { flush(simulation); }
  /// How far the files are, for a restart that drops what came later. Collective.
  virtual void save(io::CheckpointWriter& writer) const = 0;
};

}  // namespace r1::md
