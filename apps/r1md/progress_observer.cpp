// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/progress_observer.hpp"

#include "apps/progress.hpp"

#include <iostream>

namespace r1::apps {
namespace {

constexpr std::chrono::duration<double> kBarInterval{1.0};
constexpr std::chrono::duration<double> kLineInterval{30.0};
constexpr const char* kEraseLine = "\r\x1b[K";

}  // namespace

void ProgressObserver::begin(std::string label, std::int64_t step, std::int64_t steps) {
  label_ = std::move(label);
  first_ = last_step_ = step;
  steps_ = steps;
  last_ = Clock::now();
}

void ProgressObserver::end() {
  if (shown_) std::cerr << kEraseLine << std::flush;
  shown_ = false;
}

bool ProgressObserver::due(std::int64_t, Place) const {
  if (place_ == ProgressPlace::nowhere) return false;
  return Clock::now() - last_ >= (place_ == ProgressPlace::terminal ? kBarInterval : kLineInterval);
}

void ProgressObserver::observe(md::Simulation& simulation) {
  const auto now = Clock::now();
  const std::chrono::duration<double> passed = now - last_;
  const auto steps = static_cast<double>(simulation.step() - last_step_);
  const ProgressState state{simulation.step() - first_, steps_, steps / passed.count()};
  if (place_ == ProgressPlace::terminal) {
    std::cerr << kEraseLine << progress_bar(label_, state) << std::flush;
    shown_ = true;
  } else {
    std::cerr << progress_line(label_, state) << std::endl;
  }
  last_ = now;
  last_step_ = simulation.step();
}

}  // namespace r1::apps
