// SPDX-License-Identifier: Apache-2.0
#include "apps/progress_display.hpp"

#include "apps/progress.hpp"

#include <iostream>
#include <unistd.h>

namespace r1::apps {
namespace {

constexpr std::chrono::duration<double> kBarInterval{1.0};
constexpr std::chrono::duration<double> kLineInterval{30.0};
constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

ProgressPlace progress_place(const Parallel& parallel) {
  if (parallel.world.rank() != 0 || !parallel.log.shows(LogLevel::info))
    return ProgressPlace::nowhere;
  return isatty(STDERR_FILENO) == 1 ? ProgressPlace::terminal : ProgressPlace::log_file;
}

void ProgressDisplay::begin(std::string label, std::int64_t step, std::int64_t steps) {
  label_ = std::move(label);
  first_ = last_step_ = step;
  steps_ = steps;
  last_ = Clock::now();
}

bool ProgressDisplay::due() const {
  if (place_ == ProgressPlace::nowhere) return false;
  return Clock::now() - last_ >= (place_ == ProgressPlace::terminal ? kBarInterval : kLineInterval);
}

void ProgressDisplay::show(std::int64_t step) {
  const auto now = Clock::now();
  const std::chrono::duration<double> passed = now - last_;
  const ProgressState state{step - first_, steps_,
                            static_cast<double>(step - last_step_) / passed.count()};
  if (place_ == ProgressPlace::terminal) {
    std::cerr << kEraseLine << progress_bar(label_, state) << std::flush;
    shown_ = true;
  } else {
    std::cerr << progress_line(label_, state) << std::endl;
  }
  last_ = now;
  last_step_ = step;
}

void ProgressDisplay::end() {
  if (shown_) std::cerr << kEraseLine << std::flush;
  shown_ = false;
}

}  // namespace r1::apps
