// The stages of a run, one after the other, with what they say on the way: events, progress, lines of evaluations and minima; and how
// far they are, for checkpoints.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/parallel.hpp"
#include "apps/r1md/input.hpp"
#include "apps/r1md/progress_observer.hpp"
#include "io/write_file.hpp"
#include "md/minimize.hpp"
#include "md/output/output_set.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>

namespace r1::apps {

/// What all stages of a run have done together, before a restart too.
struct StagesDone {
  std::int64_t steps = 0;  // of dynamics
  double seconds = 0;      // of dynamics
  md::Ended ended = md::Ended::completed;
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

class StageRunner {
 public:
  explicit StageRunner(const StageWork& work) : work_(work) {}

  /// Goes on from a checkpoint, which must outlive run(): before Simulation::restore(), since a minimizer has a field.
  void resume_from(const io::CheckpointReader& reader);
  StagesDone run();
  void save(io::CheckpointWriter& writer) const;

 private:
  using Clock = std::chrono::steady_clock;
  md::Ended run_one(int index, const md::DynamicsStage& stage);
  md::Ended run_one(int index, const md::MinimizeStage& stage);
  md::Ended run_one(int index, const md::EvaluateStage& stage);
  void write_evaluation(const std::string& extxyz);
  void warn(const std::string& message);
  double seconds() const;

  StageWork work_;
  const io::CheckpointReader* resumed_ = nullptr;  // until its stage has begun
  std::int64_t index_ = 0;                         // of the stage that runs
  std::string label_;
  Clock::time_point start_;      // of the stage, in this process
  std::int64_t first_here_ = 0;  // step at which that was
  std::unique_ptr<md::Minimizer> minimizer_;
  std::optional<io::AppendFile> evaluated_;  // rank 0, from the first evaluation on
  std::int64_t evaluated_bytes_ = 0;         // of it, by a checkpoint
  StagesDone done_;                          // of stages that are over
};

}  // namespace r1::apps
