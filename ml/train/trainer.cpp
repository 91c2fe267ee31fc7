// SPDX-License-Identifier: Apache-2.0
#include "ml/train/trainer.hpp"

#include <fmt/format.h>

namespace r1::ml {
namespace {

double seconds_between(std::chrono::steady_clock::time_point begin,
                       std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - begin).count();
}

template <class T>
T value_of(const Tensor& tensor) {
  return tensor.to_host<T>()[0];
}

}  // namespace

Trainer::Trainer(const Recipe& recipe, const TrainSettings& settings, TrainingData data,
                 std::shared_ptr<const Schedule> schedule)
    : settings_(settings),
      data_(std::move(data)),
      schedule_(std::move(schedule)),
      order_(data_.training->samples(), settings.batch_size, Shuffle::yes, settings.last_batch,
             settings.seed),
      plans_(recipe, settings.batch_size, settings.parts, settings.seed),
      steps_(settings.length.in_steps(order_.steps_per_epoch())),
      validate_every_(settings.validate_every.in_steps(order_.steps_per_epoch())) {
  plans_.prepare_step(order_.size_of(0));
  plans_.prepare_step(order_.size_of(std::min(steps_, order_.steps_per_epoch()) - 1));
  for (const auto& judged : {data_.validation, data_.test}) {
    if (judged == nullptr) continue;
    const auto order = evaluation_order(*judged);
    plans_.prepare_evaluation(order.size_of(0));
    plans_.prepare_evaluation(order.size_of(order.steps_per_epoch() - 1));
  }
}

BatchOrder Trainer::evaluation_order(const Dataset& data) const {
  return {data.samples(), settings_.batch_size, Shuffle::no, LastBatch::kept, 0};
}

void Trainer::run(TrainingObserver& observer) {
  BatchReader reader(*data_.training, order_, 0, steps_);
  start_ = row_start_ = Clock::now();
  for (std::int64_t step = 0; step < steps_; ++step) {
    Batch batch = reader.next();
    plans_.step(exec_, batch, schedule_->rate(step));
    row_samples_ += batch.size();
    reader.recycle(std::move(batch));
    observer.progress(step + 1);
    if (row_is_due(step + 1)) observer.row(measure(step + 1));
  }
}

bool Trainer::validation_is_due(std::int64_t done) const {
  if (data_.validation == nullptr) return false;
  return done == steps_ || (validate_every_ > 0 && done % validate_every_ == 0);
}

bool Trainer::row_is_due(std::int64_t done) const {
  return done == steps_ || done % settings_.metrics_every == 0 || validation_is_due(done);
}

TrainingRow Trainer::measure(std::int64_t done) {
  exec_.fence("the loss of the last step is read");
  check_finite();
  const auto now = Clock::now();
  auto& loss = plans_.state().at(state_name::kLoss);
  TrainingRow row;
  row.step = done;
  row.epoch = static_cast<double>(done) / static_cast<double>(steps_per_epoch());
  row.loss = static_cast<double>(value_of<float>(loss)) / static_cast<double>(done - row_step_);
  row.learning_rate = schedule_->rate(done - 1);
  row.samples = row_samples_;
  row.samples_per_second = static_cast<double>(row_samples_) / seconds_between(row_start_, now);
  loss.set(std::vector<float>{0});
  if (validation_is_due(done)) row.validation = evaluate(*data_.validation);
  row_start_ = Clock::now();
  row.seconds = seconds_between(start_, row_start_);
  row_step_ = done;
  row_samples_ = 0;
  return row;
}

Evaluation Trainer::evaluate(const Dataset& data) {
  const BatchOrder order = evaluation_order(data);
  const auto steps = order.steps_per_epoch();
  auto& state = plans_.state();
  for (const auto* name : {state_name::kSumLoss, state_name::kSumAccuracy})
    state.tensor(name, {Dtype::f64, {}}).set(std::vector<double>{0});
  BatchReader reader(data, order, 0, steps);
  for (std::int64_t step = 0; step < steps; ++step) {
    Batch batch = reader.next();
    plans_.evaluate(exec_, batch);
    reader.recycle(std::move(batch));
  }
  exec_.fence("the sums are read");
  const auto samples = static_cast<double>(data.samples());
  Evaluation result{value_of<double>(state.at(state_name::kSumLoss)) / samples};
  if (data.classes() > 0)
    result.accuracy = value_of<double>(state.at(state_name::kSumAccuracy)) / samples;
  return result;
}

double Trainer::time_steps(std::int64_t steps) {
  const auto take = [&](std::int64_t step) {
    plans_.step(exec_, read_batch(*data_.training, order_, step % steps_), schedule_->rate(step));
  };
  take(0);
  exec_.fence("the first step takes longer");
  const auto begin = Clock::now();
  for (std::int64_t step = 1; step <= steps; ++step) take(step);
  exec_.fence("all steps are done");
  return seconds_between(begin, Clock::now()) / static_cast<double>(steps);
}

void Trainer::check_finite() {
  const auto first = value_of<std::int64_t>(plans_.state().at(state_name::kFirstBad));
  if (first < 0) return;
  // Nothing has been updated since: the step can be computed again.
  BatchOrder order = order_;
  const auto batch = read_batch(*data_.training, order, first);
  throw NumericError(
      fmt::format("the loss or a gradient of step {} (epoch {:.3g}) is not finite: {}", first + 1,
                  static_cast<double>(first) / static_cast<double>(steps_per_epoch()),
                  first_not_finite(plans_, batch)));
}

}  // namespace r1::ml
