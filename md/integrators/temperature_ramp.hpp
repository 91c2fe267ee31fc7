// Target temperature of a stage: constant, or a line from its start to its end. A step has one target, that of its middle.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"

#include <cstdint>

namespace r1::md {

class TemperatureRamp {
 public:
  /// `value`: checked against a schema made by temperature_or_ramp().
  explicit TemperatureRamp(const io::Config& value);

  /// The stage's first step is `before` + 1; it has `steps` steps.
  void start(std::int64_t before, std::int64_t steps) { before_ = before, steps_ = steps; }
  double at(std::int64_t step) const;  // [K]
  double highest() const { return from_ > to_ ? from_ : to_; }
  std::int64_t before() const { return before_; }
  std::int64_t steps() const { return steps_; }

 private:
  double from_, to_;  // [K]
  std::int64_t before_ = 0, steps_ = 0;
};

/// T or [T at the start, T at the end], each as `temperature` demands.
io::Schema temperature_or_ramp(const io::Schema& temperature);

}  // namespace r1::md
