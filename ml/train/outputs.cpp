// SPDX-License-Identifier: Apache-2.0
#include "ml/train/outputs.hpp"

#include "core/version.hpp"
#include "io/plot.hpp"
#include "io/write_file.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <sys/resource.h>

namespace r1::ml {
namespace {

using Json = nlohmann::ordered_json;

Json evaluation_json(const std::optional<Evaluation>& evaluation) {
  if (!evaluation) return nullptr;
  return {{"loss", evaluation->loss}, {"accuracy", evaluation->accuracy}};
}

Json row_json(const TrainingRow& row) {
  return {{"step", row.step},
          {"epoch", row.epoch},
          {"loss", row.loss},
          {"validation", evaluation_json(row.validation)},
          {"learning_rate", row.learning_rate},
          {"samples_per_second", row.samples_per_second}};
}

std::int64_t peak_resident_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{1024} * usage.ru_maxrss;
}

}  // namespace

TrainingOutputs::TrainingOutputs(const std::filesystem::path& folder, const TrainingStart& start)
    : folder_(folder),
      start_(start),
      metrics_(folder / "metrics.csv",
               {"step", "epoch", "loss", "validation_loss", "validation_accuracy", "learning_rate",
                "samples_per_second", "seconds"}),
      events_(folder / "run.jsonl", io::AppendFile::Open::replace),
      curves_(folder) {
  const auto build = build_info();
  events_.event("start", {{"program", "r1train"},
                          {"version", build.version},
                          {"commit", build.commit},
                          {"input", start.input},
                          {"ranks", 1},
                          {"threads", start.threads},
                          {"device", start.device},
                          {"parameters", start.parameters},
                          {"steps", start.steps},
                          {"arena_bytes", start.arena_bytes},
                          {"state_bytes", start.state_bytes}});
}

void TrainingOutputs::row(const TrainingRow& row) {
  const auto validation = row.validation.value_or(Evaluation{});
  const std::array values{row.epoch,           row.loss,          validation.loss,
                          validation.accuracy, row.learning_rate, row.samples_per_second,
                          row.seconds};
  metrics_.row(row.step, values);
  events_.event("progress", row_json(row));
  curves_.scalar("loss/train", row.step, row.loss);
  curves_.scalar("learning_rate", row.step, row.learning_rate);
  if (row.validation) {
    curves_.scalar("loss/validation", row.step, validation.loss);
    if (std::isfinite(validation.accuracy))
      curves_.scalar("accuracy/validation", row.step, validation.accuracy);
  }
  training_seconds_ += static_cast<double>(row.samples) / row.samples_per_second;
  rows_.push_back(row);
  if (row.validation) draw();
}

void TrainingOutputs::draw() const {
  io::LinePlot plot;
  plot.title = "loss";
  plot.x_label = "step";
  plot.y_label = "loss";
  plot.curves = {{"training", {}, {}}, {"validation", {}, {}}};
  for (const auto& row : rows_) {
    const auto add = [&](std::size_t curve, double loss) {
      plot.curves[curve].x.push_back(static_cast<double>(row.step));
      plot.curves[curve].y.push_back(loss);
    };
    add(0, row.loss);
    if (row.validation) add(1, row.validation->loss);
  }
  if (plot.curves[1].x.empty()) plot.curves.pop_back();
  io::write_png(folder_ / "loss.png", plot);
}

TrainingSummary TrainingOutputs::finish(const std::optional<Evaluation>& test) {
  TrainingSummary s;
  s.start = start_;
  s.last = rows_.back();
  s.wall_seconds = s.last.seconds;
  s.seconds_per_step = training_seconds_ / static_cast<double>(s.last.step);
  for (const auto& row : rows_)
    if (row.validation && (!s.best || row.validation->loss < s.best->validation->loss))
      s.best = row;
  s.test = test;
  s.peak_bytes = peak_resident_bytes();
  draw();
  metrics_.close();
  curves_.close();
  io::write_file(folder_ / "summary.json", summary_json(s));
  return s;
}

void TrainingOutputs::end(int exit_code, const std::string& message) {
  events_.event("end", {{"exit_code", exit_code}, {"message", message}});
  events_.close();
}

std::string summary_json(const TrainingSummary& s) {
  const auto build = build_info();
  const Json json = {{"version", build.version},
                     {"commit", build.commit},
                     {"parameters", s.start.parameters},
                     {"steps", s.last.step},
                     {"steps_per_epoch", s.start.steps_per_epoch},
                     {"samples",
                      {{"train", s.start.training_samples},
                       {"validation", s.start.validation_samples},
                       {"test", s.start.test_samples}}},
                     {"ranks", 1},
                     {"threads", s.start.threads},
                     {"device", s.start.device},
                     {"wall_seconds", s.wall_seconds},
                     {"seconds_per_step", s.seconds_per_step},
                     {"best", s.best ? row_json(*s.best) : Json(nullptr)},
                     {"last", row_json(s.last)},
                     {"test", evaluation_json(s.test)},
                     {"memory",
                      {{"planned_arena_bytes", s.start.arena_bytes},
                       {"state_bytes", s.start.state_bytes},
                       {"other_bytes", s.start.other_bytes},
                       {"peak_bytes", s.peak_bytes}}}};
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace r1::ml
