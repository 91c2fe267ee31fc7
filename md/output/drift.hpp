// Drift of the conserved energy: the slope of a line fitted to all rows by least squares, with its standard error from the
// scatter about the line (rows taken as independent; a fast oscillation that the interval resolves makes the error too small).
//   slope = S_te/S_tt,   error² = (S_ee − slope S_te)/((n − 2) S_tt)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

namespace r1::md {

class DriftFit {
 public:
  struct Slope {
    double value = 0;
    double error = 0;  // NaN below three points: two always lie on a line
  };

  /// time [time], energy [energy], temperature [K].
  void add(double time, double energy, double temperature);
  std::int64_t points() const { return points_; }
  /// For a restart: from(state()) goes on with the same bits.
  std::vector<double> state() const;
  static DriftFit from(const std::vector<double>& state);

  /// [energy/time]; NaN while all points are at one time.
  Slope slope() const;
  /// In kT per degree of freedom per 1,000 time units, T being the mean over the points; NaN at zero temperature.
  Slope per_degree_of_freedom(double degrees_of_freedom, double boltzmann) const;

 private:
  // Sums about running means, counted from the first point: energies differ from each other by far less than from zero.
  std::int64_t points_ = 0;
  double first_t_ = 0, first_e_ = 0;
  double mean_t_ = 0, mean_e_ = 0, mean_temperature_ = 0;
  double tt_ = 0, te_ = 0, ee_ = 0;
};

}  // namespace r1::md
