// SPDX-License-Identifier: Apache-2.0
#include "apps/progress.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace r1::apps {
namespace {

constexpr int kBarWidth = 24;

double part_done(const ProgressState& state) {
  if (state.total <= 0) return 1;
  return std::clamp(static_cast<double>(state.done) / static_cast<double>(state.total), 0.0, 1.0);
}

std::string speed_text(double steps_per_second) {
  if (!(steps_per_second > 0)) return "- steps/s";
  return steps_per_second < 10 ? fmt::format("{:.2g} steps/s", steps_per_second)
                               : fmt::format("{:.0f} steps/s", steps_per_second);
}

std::string time_left(const ProgressState& state) {
  if (!(state.steps_per_second > 0)) return "-";
  return duration_text(static_cast<double>(state.total - state.done) / state.steps_per_second);
}

}  // namespace

std::string duration_text(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e12) return "-";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  const auto h = whole / 3600, m = whole / 60 % 60, s = whole % 60;
  return h > 0 ? fmt::format("{}:{:02}:{:02}", h, m, s) : fmt::format("{}:{:02}", m, s);
}

std::string progress_bar(const std::string& label, const ProgressState& state) {
  const double part = part_done(state);
  const auto filled = static_cast<std::size_t>(part * kBarWidth);
  const std::string bar = std::string(filled, '#') + std::string(kBarWidth - filled, '.');
  return fmt::format("{}  [{}] {:3.0f} %  step {}/{}  {}  {} left", label, bar, 100 * part,
                     state.done, state.total, speed_text(state.steps_per_second), time_left(state));
}

std::string progress_line(const std::string& label, const ProgressState& state) {
  return fmt::format("{}: step {} of {} ({:.0f} %), {}, {} left", label, state.done, state.total,
                     100 * part_done(state), speed_text(state.steps_per_second), time_left(state));
}

std::string bytes_text(double bytes) {
  if (bytes >= 1e9) return fmt::format("{:.2f} GB", bytes / 1e9);
  return bytes >= 1e6 ? fmt::format("{:.1f} MB", bytes / 1e6)
                      : fmt::format("{:.1f} kB", bytes / 1e3);
}

}  // namespace r1::apps
