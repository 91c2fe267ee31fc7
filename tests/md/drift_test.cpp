// Drift of what the dynamics conserves: the slope of a line through a whole run of force-shifted Lennard-Jones. The runs named
// Long... are those of the promised figure; the others guard it at a fiftieth of the cost.
// SPDX-License-Identifier: Apache-2.0
#include "md/output/drift.hpp"

#include "tests/md/melt.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace r1::md {
namespace {

/// Steps are counted after the equilibration: while the crystal melts, the difference between the energy that Verlet's scheme
/// conserves exactly and the measured one changes, by a term of order dt^2.
struct Run {
  int repeat;  // fcc cells along each edge, four atoms each
  std::int64_t steps;
  std::int64_t equilibration;  // steps
};

/// In kT per degree of freedom per 1,000 time units.
DriftFit::Slope measured_drift(const Run& run, const std::string& thermostat) {
  auto simulation =
      test::melt_simulation({.repeat = run.repeat, .temperature = 1.44}, Communicator::self());
  std::vector<test::Recorder::Row> rows;
  simulation.add(std::make_unique<test::Recorder>(20, run.equilibration, rows));
  const auto bath = test::make_thermostat(thermostat);
  test::run_with(simulation, *bath, run.equilibration, 0.002);
  test::run_with(simulation, *bath, run.steps, 0.002);
  DriftFit fit;
  for (const auto& row : rows) fit.add(row.time, row.conserved, row.temperature);
  return fit.per_degree_of_freedom(simulation.system().degrees_of_freedom,
                                   simulation.system().units.boltzmann);
}

void expect_drift_below(double bound, const Run& run, const std::string& thermostat) {
  const auto slope = measured_drift(run, thermostat);
  EXPECT_LE(std::abs(slope.value), bound) << "+- " << slope.error;
  EXPECT_LE(slope.error, bound);  // else the bound says little
}

// 20 time units of 500 atoms: Verlet's fluctuations alone leave an error of 5e-5.
const Run kShort{5, 10000, 2500};

TEST(Drift, IsSmallWithoutAThermostat) { expect_drift_below(3e-4, kShort, "none"); }
TEST(Drift, IsSmallUnderNoseHoover) {
  expect_drift_below(5e-4, kShort, "nose_hoover: {temperature: 1, time_constant: 0.2}");
}
// The energy that Verlet's scheme conserves exactly differs from the measured one by a term of order dt^2 that depends on the
// velocities. Noise draws it anew, so the measured one walks at random: by some 1e-3 here, less in longer runs.
TEST(Drift, IsSmallUnderLangevin) {
  expect_drift_below(5e-3, kShort, "langevin: {temperature: 1, friction: 1}");
}
TEST(LongDrift, OfFourThousandAtomsIsBelowAMillionth) {
  expect_drift_below(1e-6, {10, 100000, 2500}, "none");
}

}  // namespace
}  // namespace r1::md
