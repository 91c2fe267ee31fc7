// SPDX-License-Identifier: Apache-2.0
#include "ml/config/train_settings.hpp"

#include "core/text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace r1::ml {
namespace {

/// "2 epochs", "500 steps"; none if it is neither.
std::optional<TrainingTime> parse_time(std::string_view text) {
  text = trim(text);
  double number = 0;
  const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (code != std::errc{} || !(number > 0) || !std::isfinite(number)) return std::nullopt;
  const auto unit = trim(text.substr(static_cast<std::size_t>(rest - text.data())));
  if (unit == "epoch" || unit == "epochs") return TrainingTime{0, number};
  const bool whole = number == std::floor(number) && number < 0x1p47;
  if ((unit == "step" || unit == "steps") && whole)
    return TrainingTime{static_cast<std::int64_t>(number), 0};
  return std::nullopt;
}

TrainingTime time_at(const io::Config& value) {
  if (value.is("none")) return {};
  if (const auto time = parse_time(value.text())) return *time;
  value.fault("found '" + shortened(value.text()) +
              "', expected none, epochs or steps, such as '1 epoch' or '500 steps'");
  return {};
}

TrainingTime length_of(const io::Config& training) {
  if (training.has("steps")) return {training["steps"].integer(), 0};
  return {0, training["epochs"].real()};
}

}  // namespace

std::int64_t TrainingTime::in_steps(std::int64_t steps_per_epoch) const {
  if (steps > 0 || epochs == 0) return steps;
  const double exact = epochs * static_cast<double>(steps_per_epoch);
  return std::max<std::int64_t>(1, std::llround(exact));
}

TrainSettings read_train_settings(const io::Config& root) {
  const auto training = root["training"], output = root["output"];
  TrainSettings s;
  s.seed = static_cast<std::uint64_t>(root["seed"].integer());
  s.length = length_of(training);
  s.batch_size = training["batch_size"].integer();
  s.parts = training["accumulate"].integer();
  if (s.parts > s.batch_size)
    training["accumulate"].fault(
        "found " + std::to_string(s.parts) +
        " parts, expected at most one for each sample of a batch: " + std::to_string(s.batch_size));
  s.last_batch = training["drop_last"].boolean() ? LastBatch::dropped : LastBatch::kept;
  if (!training["gradient_clip"].is("none")) s.gradient_clip = training["gradient_clip"].real();
  s.validate_every = time_at(training["validate_every"]);
  s.metrics_every = output["metrics"]["every"].integer();
  s.directory = output.has("directory") ? output["directory"].text()
                                        : root.document()->file().stem().string();
  return s;
}

}  // namespace r1::ml
