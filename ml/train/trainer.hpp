// The loop of training: batch, step, and now and then a look at how it goes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/config/train_settings.hpp"
#include "ml/data/batches.hpp"
#include "ml/optim/schedule.hpp"
#include "ml/train/plans.hpp"

#include <chrono>
#include <limits>
#include <memory>
#include <optional>

namespace r1::ml {

struct TrainingData {
  std::shared_ptr<const Dataset> training, validation, test;  // the last two may be missing
};

/// Means over the samples of a data set.
struct Evaluation {
  double loss = std::numeric_limits<double>::quiet_NaN();
  double accuracy = std::numeric_limits<double>::quiet_NaN();  // of classes
};

/// How training stands after `step` steps.
struct TrainingRow {
  std::int64_t step = 0;
  double epoch = 0;
  double loss = 0;                         // mean of the steps since the row before
  std::optional<Evaluation> validation{};  // where it was due
  double learning_rate = 0;                // of the last step
  std::int64_t samples = 0;                // trained on since the row before
  double samples_per_second = 0;           // without evaluations
  double seconds = 0;                      // since the start
};

class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  virtual void row(const TrainingRow& row) = 0;
  /// After each step.
  virtual void progress(std::int64_t step) = 0;
};

class Trainer {
 public:
  /// All plans are made, of training and of evaluation: what the arena takes is known.
  Trainer(const Recipe& recipe, const TrainSettings& settings, TrainingData data,
          std::shared_ptr<const Schedule> schedule);

  std::int64_t steps() const { return steps_; }
  std::int64_t steps_per_epoch() const { return order_.steps_per_epoch(); }
  TrainingPlans& plans() { return plans_; }

  /// All steps. Throws NumericError, which names the first tensor that is not finite, where a loss or a gradient is not.
  void run(TrainingObserver& observer);
  Evaluation evaluate(const Dataset& data);
  /// Seconds of a step, from the first `steps` after one more; they change the parameters.
  double time_steps(std::int64_t steps);

 private:
  using Clock = std::chrono::steady_clock;
  BatchOrder evaluation_order(const Dataset& data) const;
  bool validation_is_due(std::int64_t done) const;
  bool row_is_due(std::int64_t done) const;
  TrainingRow measure(std::int64_t done);
  void check_finite();

  const TrainSettings settings_;
  const TrainingData data_;
  const std::shared_ptr<const Schedule> schedule_;
  BatchOrder order_;
  TrainingPlans plans_;
  std::int64_t steps_, validate_every_;
  Exec exec_;

  Clock::time_point start_, row_start_;  // the latter without evaluations
  std::int64_t row_step_ = 0, row_samples_ = 0;
};

/// A sentence on the first tensor that is not finite when the step of `batch` is computed again on the state as it is: its place in
/// the model, its operation; or that of a parameter.
std::string first_not_finite(TrainingPlans& plans, const Batch& batch);

}  // namespace r1::ml
