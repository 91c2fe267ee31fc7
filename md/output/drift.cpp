// SPDX-License-Identifier: Apache-2.0
#include "md/output/drift.hpp"

#include "core/error.hpp"
#include "md/checkpoint/saved_values.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace r1::md {

void DriftFit::add(double time, double energy, double temperature) {
  if (points_ == 0) first_t_ = time, first_e_ = energy;
  const double n = static_cast<double>(++points_);
  const double t = time - first_t_, e = energy - first_e_;
  const double dt = t - mean_t_, de = e - mean_e_;
  mean_t_ += dt / n;
  mean_e_ += de / n;
  mean_temperature_ += (temperature - mean_temperature_) / n;
  tt_ += dt * (t - mean_t_);
  te_ += dt * (e - mean_e_);
  ee_ += de * (e - mean_e_);
}

std::vector<double> DriftFit::state() const {
  return {static_cast<double>(points_),
          first_t_,
          first_e_,
          mean_t_,
          mean_e_,
          mean_temperature_,
          tt_,
          te_,
          ee_};
}

DriftFit DriftFit::from(const std::vector<double>& s) {
  if (s.size() != DriftFit().state().size())
    throw CheckpointError("the state of the drift fit holds " + std::to_string(s.size()) +
                          " numbers: it was written by another version");
  require_finite(s, "the state of the drift fit");
  DriftFit fit;
  fit.points_ = saved_count(s[0], "the number of points of the drift fit");
  fit.first_t_ = s[1], fit.first_e_ = s[2];
  fit.mean_t_ = s[3], fit.mean_e_ = s[4], fit.mean_temperature_ = s[5];
  fit.tt_ = s[6], fit.te_ = s[7], fit.ee_ = s[8];
  return fit;
}

DriftFit::Slope DriftFit::slope() const {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  if (!(tt_ > 0)) return {kUnknown, kUnknown};
  const double value = te_ / tt_;
  if (points_ < 3) return {value, kUnknown};
  const double scatter = std::max(0.0, ee_ - value * te_);
  return {value, std::sqrt(scatter / (static_cast<double>(points_ - 2) * tt_))};
}

DriftFit::Slope DriftFit::per_degree_of_freedom(double degrees_of_freedom, double boltzmann) const {
  const double thermal = degrees_of_freedom * boltzmann * mean_temperature_;
  const double scale = thermal > 0 ? 1000 / thermal : std::numeric_limits<double>::quiet_NaN();
  const Slope s = slope();
  return {s.value * scale, s.error * scale};
}

}  // namespace r1::md
