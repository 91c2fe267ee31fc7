// What a training run leaves in its folder: metrics.csv, run.jsonl, an event file for TensorBoard, loss.png, summary.json.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/csv.hpp"
#include "io/json_lines.hpp"
#include "io/tensorboard.hpp"
#include "ml/train/trainer.hpp"

#include <filesystem>
#include <optional>
#include <string>

namespace r1::ml {

/// What the program knows when training begins.
struct TrainingStart {
  std::string input;  // path as given
  int threads = 1;
  std::string device;
  std::int64_t parameters = 0, steps = 0, steps_per_epoch = 0;
  std::int64_t training_samples = 0, validation_samples = 0, test_samples = 0;
  std::size_t arena_bytes = 0, state_bytes = 0, other_bytes = 0;
};

/// And at its end.
struct TrainingSummary {
  TrainingStart start;
  double wall_seconds = 0;
  double seconds_per_step = 0;  // without evaluations
  TrainingRow last;
  std::optional<TrainingRow> best;  // by the loss of validation
  std::optional<Evaluation> test;
  std::int64_t peak_bytes = 0;  // of the process
};

class TrainingOutputs {
 public:
  /// Files are made here; the folder exists.
  TrainingOutputs(const std::filesystem::path& folder, const TrainingStart& start);

  void row(const TrainingRow& row);
  /// Draws loss.png and writes summary.json, the last file of a finished run.
  TrainingSummary finish(const std::optional<Evaluation>& test);
  /// The last event. 0: done.
  void end(int exit_code, const std::string& message);

 private:
  void draw() const;

  std::filesystem::path folder_;
  TrainingStart start_;
  io::CsvWriter metrics_;
  io::JsonLines events_;
  io::TensorboardWriter curves_;
  std::vector<TrainingRow> rows_;
  double training_seconds_ = 0;
};

/// The text of summary.json.
std::string summary_json(const TrainingSummary& summary);

}  // namespace r1::ml
