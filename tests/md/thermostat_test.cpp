// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"
#include "md/measure.hpp"
#include "tests/md/melt.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace r1::md {
namespace {

/// Atoms without forces: a step is what the thermostat makes of it.
struct Gas {
  explicit Gas(int repeat, double temperature = 1)
      : comm(test::world()),
        system(test::melt_system({.repeat = repeat, .temperature = temperature}, comm)) {}

  StepContext at(std::int64_t step, double dt) { return {exec, system, comm, dt, step}; }
  void step(Thermostat& thermostat, std::int64_t k, double dt) {
    thermostat.before_step(at(k, dt));
    if (thermostat.acts_at_midstep()) thermostat.at_midstep(at(k, dt));
    thermostat.after_step(at(k, dt));
  }
  double kinetic() const { return kinetic_energy(exec, system, comm); }
  std::vector<double> velocities() const { return test::by_id(comm, system, system.v()); }

  Exec exec;
  Communicator comm;
  System system;
};

TEST(Langevin, DrawsFromSeedIdAndStepAndFollowsTheRamp) {
  Gas gas(3);
  const double friction = 2, dt = 0.1, keep = std::exp(-friction * dt);
  const auto bath =
      test::make_thermostat("langevin: {temperature: [1, 3], friction: 2}", UnitStyle::lj, 5);
  auto expected = gas.velocities();
  const double kinetic = gas.kinetic();
  bath->start(gas.at(40, dt), 4);
  const Random random(5, RandomPurpose::langevin);
  for (std::int64_t k = 41; k <= 44; ++k) {
    bath->at_midstep(gas.at(k, dt));
    const double temperature = 1 + 2 * (static_cast<double>(k - 40) - 0.5) / 4;
    for (std::size_t c = 0; c < expected.size(); ++c)
      expected[c] =
          keep * expected[c] + std::sqrt((1 - keep * keep) * temperature) *
                                   random.normal3(c / 3 + 1, static_cast<std::uint64_t>(k))[c % 3];
  }
  const auto v = gas.velocities();
  for (std::size_t c = 0; c < v.size(); ++c) EXPECT_NEAR(v[c], expected[c], 1e-13) << c;
  // The heat is counted in steps of 1e-12 of the thermal energy of 108 atoms at T = 3.
  EXPECT_NEAR(bath->bath_energy(gas.at(44, dt)), kinetic - gas.kinetic(), 1e-9);
}

TEST(Langevin, ThermalizesFreeParticlesAtTheRateOfItsFriction) {
  Gas gas(12, 0);  // 6,912 atoms at rest
  const double rate = 0.05, temperature = 1.5;
  const auto bath = test::make_thermostat("langevin: {temperature: 1.5, friction: 0.5}");
  bath->start(gas.at(0, 0.1), 20);
  std::vector<double> early;
  for (std::int64_t k = 1; k <= 20; ++k) {
    gas.step(*bath, k, 0.1);
    if (k == 10) early = gas.velocities();
  }
  const auto late = gas.velocities();
  const auto n = static_cast<double>(late.size());
  double square = 0, product = 0;
  for (std::size_t c = 0; c < late.size(); ++c) {
    square += late[c] * late[c];
    product += late[c] * early[c];
  }
  // Exact for the Ornstein-Uhlenbeck process from rest; five standard deviations.
  const auto variance = [&](int steps) { return temperature * (1 - std::exp(-2 * rate * steps)); };
  EXPECT_NEAR(square / n, variance(20), 5 * variance(20) * std::sqrt(2 / n));
  EXPECT_NEAR(product / n, variance(10) * std::exp(-10 * rate),
              5 * std::sqrt(2 * variance(10) * variance(20) / n));
}

constexpr const char* kChain = "nose_hoover: {temperature: 1, time_constant: 0.5}";

/// Largest change of the conserved energy of a free gas that starts at T = 2, over 4 time units.
double largest_error(int steps) {
  Gas gas(3, 2);
  const double dt = 4.0 / steps, start = gas.kinetic();
  const auto bath = test::make_thermostat(kChain);
  bath->start(gas.at(0, dt), steps);
  double largest = 0;
  for (std::int64_t k = 1; k <= steps; ++k) {
    gas.step(*bath, k, dt);
    largest = std::max(largest, std::abs(gas.kinetic() + bath->bath_energy(gas.at(k, dt)) - start));
  }
  return largest;
}

TEST(NoseHoover, ConservesTheExtendedEnergyToFourthOrder) {
  const double coarse = largest_error(40), fine = largest_error(80);
  EXPECT_LT(coarse, 0.01 * 160);  // of the kinetic energy; it exchanges half of it
  EXPECT_GT(coarse / fine, 12);   // 16 when dt is halved
  EXPECT_LT(coarse / fine, 21);
}

// Over a short time: the chain amplifies rounding when it is far from equilibrium.
TEST(NoseHoover, RunsBackwards) {
  Gas gas(3, 1.2);
  const double dt = 0.02;
  const auto bath = test::make_thermostat(kChain);
  const auto before = gas.velocities();
  bath->start(gas.at(0, dt), 30);
  for (std::int64_t k = 1; k <= 15; ++k) gas.step(*bath, k, dt);
  // A free gas whose velocities are scaled is its own mirror image: turning the chain around is enough.
  auto state = bath->state(gas.at(15, dt));
  EXPECT_GT(std::abs(state[5]), 0.1);
  for (std::size_t k = 5; k < state.size(); ++k) state[k] = -state[k];
  bath->restore(gas.at(15, dt), state);
  for (std::int64_t k = 16; k <= 30; ++k) gas.step(*bath, k, dt);
  const auto after = gas.velocities();
  for (std::size_t c = 0; c < after.size(); ++c) EXPECT_NEAR(after[c], before[c], 1e-12);
  const auto end = bath->state(gas.at(30, dt));
  for (std::size_t k = 5; k < end.size(); ++k) EXPECT_NEAR(end[k], 0, 1e-11);
}

TEST(NoseHoover, KnowsTheKineticEnergyWithoutASum) {
  Gas gas(3, 2);
  const auto bath = test::make_thermostat(kChain);
  bath->start(gas.at(0, 0.05), 30);
  for (std::int64_t k = 1; k <= 30; ++k) gas.step(*bath, k, 0.05);
  EXPECT_NEAR(bath->state(gas.at(30, 0.05))[4], gas.kinetic(), 1e-12 * gas.kinetic());
}

TEST(Thermostats, ContinueFromTheirStateToTheBit) {
  for (const char* yaml : {"none", "langevin: {temperature: [1, 2], friction: 3}",
                           "nose_hoover: {temperature: [1, 2], time_constant: 0.3, chain: 4}"}) {
    Gas whole(3), parts(3);
    const auto first = test::make_thermostat(yaml), second = test::make_thermostat(yaml),
               reference = test::make_thermostat(yaml);
    reference->start(whole.at(0, 0.01), 20);
    first->start(parts.at(0, 0.01), 20);
    for (std::int64_t k = 1; k <= 20; ++k) whole.step(*reference, k, 0.01);
    for (std::int64_t k = 1; k <= 10; ++k) parts.step(*first, k, 0.01);
    second->start(parts.at(10, 0.01), 10);
    second->restore(parts.at(10, 0.01), first->state(parts.at(10, 0.01)));
    for (std::int64_t k = 11; k <= 20; ++k) parts.step(*second, k, 0.01);
    EXPECT_EQ(parts.velocities(), whole.velocities()) << yaml;
    EXPECT_EQ(second->bath_energy(parts.at(20, 0.01)), reference->bath_energy(whole.at(20, 0.01)))
        << yaml;
  }
}

TEST(Thermostats, RefuseTheStateOfAnotherKind) {
  Gas gas(2);
  for (const char* yaml : {"none", "langevin: {temperature: 1, friction: 3}", kChain}) {
    const auto bath = test::make_thermostat(yaml);
    bath->start(gas.at(0, 0.01), 10);
    EXPECT_THROW(bath->restore(gas.at(0, 0.01), std::vector<double>(7)), Error) << yaml;
  }
}

TEST(Thermostats, RefuseWhatMakesNoSense) {
  for (const char* yaml :
       {"langevin: {temperature: -1, friction: 1}", "langevin: {temperature: 1, friction: -1}",
        "langevin: {temperature: 1}", "langevin: {temperature: [1, 2, 3], friction: 1}",
        "nose_hoover: {temperature: 0, time_constant: 1}",
        "nose_hoover: {temperature: [1, 0], time_constant: 1}",
        "nose_hoover: {temperature: 1, time_constant: 0}",
        "nose_hoover: {temperature: 1, time_constant: 1, chain: 0}", "berendsen"})
    EXPECT_THROW(test::make_thermostat(yaml), ConfigError) << yaml;
}

TEST(Thermostats, CountTheDegreesOfFreedomThatTheyLeave) {
  const auto free = test::make_thermostat("none"), chain = test::make_thermostat(kChain),
             langevin = test::make_thermostat("langevin: {temperature: 1, friction: 1}");
  EXPECT_EQ(free->degrees_of_freedom(100), 297);
  EXPECT_EQ(chain->degrees_of_freedom(100), 297);
  EXPECT_EQ(langevin->degrees_of_freedom(100), 300);
  EXPECT_EQ(free->degrees_of_freedom(1), 0);
  EXPECT_EQ(langevin->degrees_of_freedom(1), 3);
}

/// Velocities by id and the conserved energy after 50 steps of a crystal of 256 atoms.
std::vector<double> after_fifty_steps(const Communicator& comm, const std::string& yaml) {
  auto simulation = test::melt_simulation({}, comm);
  std::vector<test::Recorder::Row> rows;
  simulation.add(std::make_unique<test::Recorder>(50, 0, rows));
  const auto bath = test::make_thermostat(yaml);
  test::run_with(simulation, *bath, 50, 0.005);
  auto all = test::by_id(comm, simulation.system(), simulation.system().v());
  all.push_back(rows.back().conserved / 256);
  return all;
}

TEST(Thermostats, GiveTheSameTrajectoryOnAnyNumberOfRanks) {
  for (const char* yaml : {"langevin: {temperature: 1.2, friction: 5}",
                           "nose_hoover: {temperature: [1, 1.5], time_constant: 0.1}"}) {
    const auto alone = after_fifty_steps(Communicator::self(), yaml);
    const auto shared = after_fifty_steps(test::world(), yaml);
    for (std::size_t c = 0; c < alone.size(); ++c)
      EXPECT_NEAR(shared[c], alone[c], 1e-10) << yaml << ", component " << c;
  }
}

TEST(NoseHoover, CarriesTheTemperatureAlongItsRamp) {
  auto simulation =
      test::melt_simulation({.repeat = 3, .cutoff = 2.0, .skin = 0.4}, Communicator::self());
  std::vector<test::Recorder::Row> rows;
  simulation.add(std::make_unique<test::Recorder>(10, 1800, rows));
  const auto bath = test::make_thermostat("nose_hoover: {temperature: [1, 2], time_constant: 0.1}");
  test::run_with(simulation, *bath, 2000, 0.002);
  double mean = 0;
  for (const auto& row : rows) mean += row.temperature / static_cast<double>(rows.size());
  // Twenty rows of a fluctuation of sqrt(2/321) T, with a lag of the order of the time constant over the ramp's 4 time units.
  EXPECT_NEAR(mean, 1.95, 0.15);
}

}  // namespace
}  // namespace r1::md
