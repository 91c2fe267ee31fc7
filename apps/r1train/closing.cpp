// SPDX-License-Identifier: Apache-2.0
#include "apps/r1train/closing.hpp"

#include "apps/progress.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <cmath>

namespace r1::apps {
namespace {

std::string line(const std::string& name, const std::string& value) {
  return fmt::format("  {:<18}{}\n", name, value);
}

std::string evaluation_text(const ml::Evaluation& e) {
  auto text = fmt::format("loss {:.4f}", e.loss);
  if (std::isfinite(e.accuracy)) text += fmt::format(", accuracy {:.2f} %", 100 * e.accuracy);
  return text;
}

}  // namespace

std::string plan_text(const ml::TrainingStart& s) {
  return fmt::format(
      "{} parameters, {} steps ({} an epoch), {} samples; planned memory: arena {}, parameters and "
      "optimizer {}, inputs and constants {}",
      s.parameters, s.steps, s.steps_per_epoch, s.training_samples,
      bytes_text(static_cast<double>(s.arena_bytes)),
      bytes_text(static_cast<double>(s.state_bytes)),
      bytes_text(static_cast<double>(s.other_bytes)));
}

std::string row_text(const ml::TrainingRow& row) {
  auto text = fmt::format("epoch {:.2f}, step {}: loss {:.4f}", row.epoch, row.step, row.loss);
  if (row.validation) text += ", validation " + evaluation_text(*row.validation);
  return text + fmt::format(", {:.3g} samples/s", row.samples_per_second);
}

std::string train_closing_text(const std::string& input, const ml::TrainingSummary& s,
                               const std::string& folder, const std::vector<std::string>& files) {
  auto text =
      fmt::format("{}: {} parameters, {} steps, {} thread{} ({}), {}\n", input, s.start.parameters,
                  s.last.step, s.start.threads, s.start.threads == 1 ? "" : "s", s.start.device,
                  duration_text(s.wall_seconds));
  text += line("training", fmt::format("loss {:.4f}", s.last.loss));
  if (s.last.validation) text += line("validation", evaluation_text(*s.last.validation));
  if (s.best)
    text += line("best", fmt::format("{} (epoch {:.2f})", evaluation_text(*s.best->validation),
                                     s.best->epoch));
  if (s.test) text += line("test", evaluation_text(*s.test));
  text += line("speed", fmt::format("{:.4g} ms a step", 1e3 * s.seconds_per_step));
  text += line("peak memory", bytes_text(static_cast<double>(s.peak_bytes)));
  return text + "  results in " + folder + ":\n    " + joined(files, "  ") + "\n";
}

}  // namespace r1::apps
