// Do the thermostats sample the canonical ensemble? Two checks on decorrelated samples of a Lennard-Jones fluid (density 0.7):
// kinetic energies follow the Gamma distribution of dof/2 and kT (Kolmogorov-Smirnov), and potential energies at two
// temperatures have ln P_2(U)/P_1(U) = a + (1/kT_1 - 1/kT_2) U (Shirts, J. Chem. Theory Comput. 9, 909 (2013)), the slope by
// maximum likelihood. The runs named Long... have the promised size; the others a tenth of its cost. That
// neighbouring samples are decorrelated is demanded, too.
// SPDX-License-Identifier: Apache-2.0
#include "tests/md/melt.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace r1::md {
namespace {

struct Samples {
  std::vector<double> kinetic, potential;
  double degrees_of_freedom = 0;
};

struct Size {
  test::Melt melt;
  double timestep;
  std::int64_t interval;       // steps between samples
  std::int64_t equilibration;  // steps
};
constexpr std::int64_t kSamples = 500;

Samples sampled(const Size& size, const std::string& thermostat, double temperature) {
  auto melt = size.melt;
  melt.temperature = temperature;
  auto simulation = test::melt_simulation(melt, Communicator::self());
  std::vector<test::Recorder::Row> rows;
  simulation.add(std::make_unique<test::Recorder>(size.interval, size.equilibration, rows));
  const auto bath = test::make_thermostat(thermostat);
  test::run_with(simulation, *bath, size.equilibration + kSamples * size.interval, size.timestep);
  Samples s;
  s.degrees_of_freedom = simulation.system().degrees_of_freedom;
  for (const auto& row : rows) {
    s.kinetic.push_back(row.kinetic);
    s.potential.push_back(row.potential);
  }
  return s;
}

double autocorrelation(const std::vector<double>& x, std::size_t lag) {
  const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
  double variance = 0, covariance = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    variance += (x[k] - mean) * (x[k] - mean);
    if (k + lag < x.size()) covariance += (x[k] - mean) * (x[k + lag] - mean);
  }
  return covariance / variance;
}

/// Regularised lower incomplete gamma function P(a, x), by its series (DLMF 8.11.4).
double gamma_below(double a, double x) {
  double term = std::exp(a * std::log(x) - x - std::lgamma(a + 1)), sum = term;
  for (double n = 1; term > 1e-17 * sum; ++n) sum += term *= x / (a + n);
  return std::min(sum, 1.0);
}

/// Probability that n samples of the distribution deviate from it by `distance` or more (Kolmogorov, Stephens' correction).
double kolmogorov(double distance, double n) {
  const double z = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * distance;
  double p = 0;
  for (int k = 1; k <= 100; ++k) p += (k % 2 == 1 ? 2 : -2) * std::exp(-2.0 * k * k * z * z);
  return std::clamp(p, 0.0, 1.0);
}

double p_value(std::vector<double> x, const std::function<double(double)>& below) {
  std::sort(x.begin(), x.end());
  const auto n = static_cast<double>(x.size());
  double distance = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const double p = below(x[k]), rank = static_cast<double>(k);
    distance = std::max({distance, p - rank / n, (rank + 1) / n - p});
  }
  return kolmogorov(distance, n);
}

struct Slope {
  double value, error;
};

/// Logistic regression of "is from `second`" on the energy, by Newton's method; the error from the information matrix.
Slope log_ratio_slope(const std::vector<double>& first, const std::vector<double>& second) {
  const double n = static_cast<double>(first.size() + second.size());
  const double centre = (std::accumulate(first.begin(), first.end(), 0.0) +
                         std::accumulate(second.begin(), second.end(), 0.0)) /
                        n;
  double a = 0, b = 0, error = 0;
  for (int iteration = 0; iteration < 50; ++iteration) {
    double ga = 0, gb = 0, haa = 0, hab = 0, hbb = 0;
    const auto add = [&](double energy, double is_second) {
      const double u = energy - centre, p = 1 / (1 + std::exp(-a - b * u)), w = p * (1 - p);
      ga += is_second - p, gb += (is_second - p) * u;
      haa += w, hab += w * u, hbb += w * u * u;
    };
    for (const double e : first) add(e, 0);
    for (const double e : second) add(e, 1);
    const double determinant = haa * hbb - hab * hab;
    a += (hbb * ga - hab * gb) / determinant;
    b += (haa * gb - hab * ga) / determinant;
    error = std::sqrt(haa / determinant);
  }
  return {b, error};
}

void expect_canonical(const Size& size, const std::function<std::string(double)>& thermostat,
                      double cold, double hot) {
  std::vector<Samples> all;
  for (const double t : {cold, hot}) {
    all.push_back(sampled(size, thermostat(t), t));
    const auto& s = all.back();
    ASSERT_EQ(s.kinetic.size(), static_cast<std::size_t>(kSamples));
    // Correlations of independent samples scatter by 1/sqrt(500) = 0.045; four standard deviations.
    EXPECT_LT(std::abs(autocorrelation(s.kinetic, 1)), 0.18) << "T " << t;
    EXPECT_LT(std::abs(autocorrelation(s.potential, 1)), 0.18) << "T " << t;
    const double p = p_value(
        s.kinetic, [&](double k) { return gamma_below(0.5 * s.degrees_of_freedom, k / t); });
    EXPECT_GT(p, 0.001) << "T " << t;
  }
  const auto slope = log_ratio_slope(all[0].potential, all[1].potential);
  EXPECT_NEAR(slope.value, 1 / cold - 1 / hot, 3 * slope.error);
  EXPECT_LT(slope.error, 0.2 * (1 / cold - 1 / hot));  // else the check says little
}

std::string langevin(double t) {
  return "langevin: {friction: 10, temperature: " + std::to_string(t) + "}";
}
std::string nose_hoover(double t) {
  return "nose_hoover: {time_constant: 0.1, temperature: " + std::to_string(t) + "}";
}

// Decorrelation. Under Langevin with friction 10 energies forget within 1/friction or so. Under the chain with time constant 0.1
// the kinetic energy swings with a period of 0.5, and its autocorrelation (measured on 8,000 samples 0.04 apart) is 0.29 after
// 0.48 time units, 0.12 after 1.0, and below 0.04 from 1.4 on; that of the potential energy is below 0.1 from 0.3 on.
constexpr double kLangevinInterval = 0.5, kChainInterval = 1.4;

/// 108 atoms; 500 at the promised timestep.
Size small(double interval) {
  constexpr double kTimestep = 0.004;
  return {{.repeat = 3, .density = 0.7, .cutoff = 2.0, .skin = 0.4},
          kTimestep,
          std::llround(interval / kTimestep),
          3000};
}
Size promised(double interval) {
  constexpr double kTimestep = 0.002;
  return {{.repeat = 5, .density = 0.7, .cutoff = 2.5, .skin = 0.4},
          kTimestep,
          std::llround(interval / kTimestep),
          10000};
}

TEST(Ensemble, LangevinIsCanonical) {
  expect_canonical(small(kLangevinInterval), langevin, 1.0, 1.12);
}
TEST(Ensemble, NoseHooverIsCanonical) {
  expect_canonical(small(kChainInterval), nose_hoover, 1.0, 1.12);
}
TEST(LongEnsemble, LangevinIsCanonical) {
  expect_canonical(promised(kLangevinInterval), langevin, 1.0, 1.06);
}
TEST(LongEnsemble, NoseHooverIsCanonical) {
  expect_canonical(promised(kChainInterval), nose_hoover, 1.0, 1.06);
}

}  // namespace
}  // namespace r1::md
