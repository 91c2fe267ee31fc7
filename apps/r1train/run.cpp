// SPDX-License-Identifier: Apache-2.0
#include "apps/r1train/run.hpp"

#include "apps/exit_codes.hpp"
#include "apps/progress.hpp"
#include "apps/progress_display.hpp"
#include "apps/r1train/closing.hpp"
#include "apps/r1train/input.hpp"
#include "apps/results_folder.hpp"

#include <iostream>

namespace r1::apps {
namespace {

constexpr std::int64_t kTimedSteps = 5;  // of a dry run

ResultFiles result_files() {
  return {{"config.yaml", "metrics.csv", "run.jsonl", "loss.png", "events.out.tfevents.*",
           "summary.json"},
          {}};
}

ml::TrainingStart start_of(const Command& command, const Parallel& parallel,
                           const ml::TrainingJob& job, ml::Trainer& trainer) {
  const auto samples = [](const auto& data) { return data == nullptr ? 0 : data->samples(); };
  auto& plans = trainer.plans();
  ml::TrainingStart start;
  start.input = command.input.string();
  start.threads = parallel.threads;
  start.device = Exec::name();
  start.parameters = plans.layout().elements();
  start.steps = trainer.steps();
  start.steps_per_epoch = trainer.steps_per_epoch();
  start.training_samples = samples(job.data.training);
  start.validation_samples = samples(job.data.validation);
  start.test_samples = samples(job.data.test);
  start.arena_bytes = plans.arena_bytes();
  start.state_bytes = plans.state().bytes();
  start.other_bytes = plans.other_bytes();
  return start;
}

/// Rows go to files and the log, progress to the screen.
class Reporter final : public ml::TrainingObserver {
 public:
  Reporter(ml::TrainingOutputs& outputs, const Parallel& parallel, std::int64_t steps)
      : outputs_(outputs), log_(parallel.log), display_(progress_place(parallel)) {
    display_.begin("training", 0, steps);
  }
  void row(const ml::TrainingRow& row) override {
    outputs_.row(row);
    display_.end();
    log_.info(row_text(row));
  }
  void progress(std::int64_t step) override {
    if (display_.due()) display_.show(step);
  }
  void end() { display_.end(); }

 private:
  ml::TrainingOutputs& outputs_;
  const Log& log_;
  ProgressDisplay display_;
};

int dry_run(const ml::TrainingStart& start, ml::Trainer& trainer) {
  const double seconds = trainer.time_steps(kTimedSteps);
  std::cout << "dry run: " << plan_text(start) << '\n'
            << "  a step takes " << 1e3 * seconds << " ms, all of them "
            << duration_text(seconds * static_cast<double>(start.steps)) << '\n'
            << "nothing was written\n";
  return kDone;
}

/// The reason of the end in run.jsonl, if that can still be written.
void leave_trace(ml::TrainingOutputs& outputs, const Failure& failure, const Log& log) {
  try {
    outputs.end(failure.code, failure.message);
  } catch (const Error&) {
    log.warning("run.jsonl could not be completed");
  }
}

int train(const Command& command, const Parallel& parallel, const ml::TrainingJob& job,
          const ml::TrainingStart& start, ml::Trainer& trainer, const ResultsFolder& folder) {
  folder.describe();
  ml::TrainingOutputs outputs(folder.path(), start);
  Reporter reporter(outputs, parallel, trainer.steps());
  try {
    trainer.run(reporter);
    std::optional<ml::Evaluation> test;
    if (job.data.test != nullptr) test = trainer.evaluate(*job.data.test);
    const auto summary = outputs.finish(test);
    outputs.end(kDone, "");
    std::cout << train_closing_text(command.input.filename().string(), summary,
                                    folder.path().string(), folder.results());
    return kDone;
  } catch (...) {
    reporter.end();
    leave_trace(outputs, Failure::current(), parallel.log);
    throw;
  }
}

}  // namespace

int run_r1train(const Command& command, const Parallel& parallel) {
  if (parallel.world.size() > 1)
    throw CommandLineError("r1train runs on one rank in this version, and was started on " +
                           std::to_string(parallel.world.size()) + "; use threads");
  const ml::TrainRegistries registries;
  const auto input = read_train_input(command, registries);
  const auto& job = input.job;
  const ResultsFolder folder(command.directory.value_or(job.settings.directory),
                             input.document->print(io::ConfigDocument::Origins::hidden),
                             result_files());
  const bool dry = command.action == Action::dry_run;
  if (!dry && folder.look(command) == ResultsFolder::State::finished) {
    std::cout << "this run is finished: its results are in '" << folder.path().string()
              << "'; --overwrite runs it again\n";
    return kDone;
  }
  ml::Trainer trainer(job.recipe, job.settings, job.data, job.schedule);
  const auto start = start_of(command, parallel, job, trainer);
  if (dry) return dry_run(start, trainer);
  parallel.log.info(plan_text(start));
  auto lock = take_over(folder, command, parallel);
  const int code = train(command, parallel, job, start, trainer, folder);
  lock.release();
  return code;
}

}  // namespace r1::apps
