// SPDX-License-Identifier: Apache-2.0
#include "md/integrators/temperature_ramp.hpp"

#include <algorithm>

namespace r1::md {

TemperatureRamp::TemperatureRamp(const io::Config& value) {
  if (value.alternative() == 0) {
    from_ = to_ = value.real();
    return;
  }
  const auto ends = value.reals();
  from_ = ends[0];
  to_ = ends[1];
}

double TemperatureRamp::at(std::int64_t step) const {
  if (from_ == to_ || steps_ <= 0) return from_;
  const double done = (static_cast<double>(step - before_) - 0.5) / static_cast<double>(steps_);
  return from_ + (to_ - from_) * std::clamp(done, 0.0, 1.0);
}

io::Schema temperature_or_ramp(const io::Schema& temperature) {
  return io::any_of({temperature, io::list(temperature, 2, 2)});
}

}  // namespace r1::md
