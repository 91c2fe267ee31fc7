// Keeper: the steward of a run. It asks the world outside whether to stop, knows when a checkpoint is due, and writes it from the
// parts that have been handed to it: simulation, outputs, stages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/checkpoint_store.hpp"
#include "md/output/events.hpp"
#include "md/simulation.hpp"

#include <chrono>
#include <functional>
#include <vector>

namespace r1::md {

/// When checkpoints are written beside the ones at the start and at the end of each stage; neither: none at all, but of a run that is
/// asked to stop.
struct CheckpointSchedule {
  std::int64_t steps = 0;                     // every so many steps of dynamics; 0: never
  std::chrono::duration<double> interval{0};  // by rank 0's clock; 0: never
};

class CheckpointKeeper final : public Steward {
 public:
  /// `outside`: what this rank has been asked for, without waiting: Request::nothing, stop or save.
  CheckpointKeeper(Simulation& simulation, io::CheckpointStore store, io::Provenance provenance,
                   CheckpointSchedule schedule, std::function<Request()> outside);

  /// A part of the state, written in the order in which parts are added. Collective.
  void add(std::function<void(io::CheckpointWriter&)> part) { parts_.push_back(std::move(part)); }
  void report_to(EventLog& events) { events_ = &events; }

  bool keeps_ends() const override { return schedule_.steps > 0 || schedule_.interval.count() > 0; }
  Request wanted() override;
  void save() override;

  /// Of the longest write so far, by rank 0's clock.
  std::chrono::duration<double> longest_write() const { return longest_; }

 private:
  bool is_due();

  using Clock = std::chrono::steady_clock;
  Simulation& simulation_;
  io::CheckpointStore store_;
  io::Provenance provenance_;
  CheckpointSchedule schedule_;
  std::function<Request()> outside_;
  std::vector<std::function<void(io::CheckpointWriter&)>> parts_;
  EventLog* events_ = nullptr;
  std::int64_t due_step_ =
      -1;  // the last one that was due by its number: a minimisation stays at one step
  Clock::time_point last_ = Clock::now();
  std::chrono::duration<double> longest_{0};
};

}  // namespace r1::md
