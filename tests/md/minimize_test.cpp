// SPDX-License-Identifier: Apache-2.0
#include "md/minimize.hpp"

#include "tests/md/melt.hpp"
#include "tests/md/small_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace r1::md {
namespace {

using End = MinimizeResult::End;

const test::Melt kCrystal{.repeat = 4, .density = 1.05, .temperature = 0.5};

double largest_force(const Simulation& simulation) {
  const auto f = test::by_id(simulation.comm(), simulation.system(), simulation.system().f());
  double largest = 0;
  for (std::size_t k = 0; k < f.size(); k += 3)
    largest = std::max(largest, std::hypot(f[k], f[k + 1], f[k + 2]));
  return largest;
}

TEST(Minimize, BringsAShakenCrystalBackToItsLattice) {
  const auto comm = test::world();
  const double lattice = test::melt_simulation(kCrystal, comm).thermo().potential_energy;
  auto simulation = test::melt_simulation(kCrystal, comm, 0.08);
  const double shaken = simulation.thermo().potential_energy;
  const auto result = minimize(simulation, {1e-9, 5000});
  EXPECT_EQ(result.end, End::converged);
  EXPECT_LE(result.max_force, 1e-9);
  EXPECT_NEAR(result.max_force, largest_force(simulation), 1e-14);
  EXPECT_GT(shaken, lattice + 10);
  // Energy is second order in what is left of the displacements.
  EXPECT_NEAR(result.potential_energy, lattice, 1e-12 * std::abs(lattice));
  EXPECT_LT(result.steps, 1000);
}

TEST(Minimize, LeavesVelocitiesStepAndFieldsAsTheyWere) {
  const auto comm = test::world();
  auto simulation = test::melt_simulation(kCrystal, comm, 0.2);
  const auto before = test::by_id(comm, simulation.system(), simulation.system().v());
  const auto fields = simulation.system().fields.all().size();
  minimize(simulation, {1e-6, 1000});
  EXPECT_EQ(test::by_id(comm, simulation.system(), simulation.system().v()), before);
  EXPECT_EQ(simulation.system().fields.all().size(), fields);
  EXPECT_EQ(simulation.step(), 0);
  EXPECT_EQ(simulation.time(), 0);
  EXPECT_EQ(simulation.tally().level, Tally::Level::totals);
}

TEST(Minimize, TakesTheSameWayOnAnyNumberOfRanks) {
  const auto positions = [](const Communicator& comm) {
    auto simulation = test::melt_simulation(kCrystal, comm, 0.2);
    const auto result = minimize(simulation, {1e-9, 25});
    EXPECT_EQ(result.end, End::out_of_steps);
    EXPECT_EQ(result.steps, 25);
    auto f = test::by_id(comm, simulation.system(), simulation.system().f());
    f.push_back(result.potential_energy / 256);
    return f;
  };
  const auto alone = positions(Communicator::self()), shared = positions(test::world());
  // Forces of the order of 10 to 1,000 on the way.
  for (std::size_t k = 0; k < alone.size(); ++k) EXPECT_NEAR(shared[k], alone[k], 1e-9) << k;
}

TEST(Minimize, StopsAtOnceWhereNothingIsToBeDone) {
  auto simulation = test::melt_simulation(kCrystal, test::world());
  const auto result = minimize(simulation, {1e-6, 10});
  EXPECT_EQ(result.end, End::converged);
  EXPECT_EQ(result.steps, 0);
  auto shaken = test::melt_simulation(kCrystal, test::world(), 0.1);
  const double start = shaken.thermo().potential_energy;
  const auto none = minimize(shaken, {1e-6, 0});
  EXPECT_EQ(none.end, End::out_of_steps);
  EXPECT_NEAR(none.potential_energy, start, 1e-12 * std::abs(start));
}

/// Random atoms, many of them almost on top of each other, come to rest.
TEST(Minimize, UntanglesRandomAtoms) {
  const auto comm = test::world();
  auto structure = test::random_atoms(test::cell_of({{{6, 0, 0}, {0, 6, 0}, {0, 0, 6}}}), 160, 5);
  auto simulation = test::make_simulation(structure, comm, 2.5, 0.3);
  simulation.prepare();
  const double start = simulation.thermo().potential_energy;
  const auto result = minimize(simulation, {1e-2, 5000});
  EXPECT_GT(start, 1e6);
  EXPECT_EQ(result.end, End::converged)
      << "largest force " << result.max_force << " after " << result.steps;
  EXPECT_LT(result.potential_energy, -4.5 * 160);  // glasses of this density: about -6
}

/// Two atoms of argon, apart by 1.4 sigma, in each style's units.
MinimizeResult minimized_dimer(UnitStyle style, double epsilon, double sigma, double& distance) {
  const auto comm = test::world();
  const Units units = test::lammps_units(style);
  io::Structure s;
  s.cell = test::cell_of({{{8 * sigma, 0, 0}, {0, 8 * sigma, 0}, {0, 0, 8 * sigma}}});
  s.species = {"Ar"};
  s.mass = {39.948};
  s.id = {1, 2};
  s.type = {0, 0};
  s.position = {{0.2 * sigma, sigma, sigma}, {1.6 * sigma, sigma, sigma}};
  auto system = test::make_system(s, units, comm);
  std::vector<std::unique_ptr<Potential>> potentials;
  potentials.push_back(
      test::make_potential("lennard_jones: {cutoff: " + std::to_string(3 * sigma) +
                               ", pairs: [{species: [Ar, Ar], epsilon: " + std::to_string(epsilon) +
                               ", sigma: " + std::to_string(sigma) + "}]}",
                           units, system.species));
  Simulation simulation(Exec(), comm, std::move(system), ForceField(std::move(potentials)),
                        0.3 * sigma);
  simulation.prepare();
  const auto result = minimize(simulation, {1e-7 * epsilon / sigma, 2000});
  const auto x = test::by_id(comm, simulation.system(), simulation.system().x());
  distance = std::hypot(x[0] - x[3], x[1] - x[4], x[2] - x[5]);
  return result;
}

TEST(Minimize, FindsTheDistanceOfADimerInEveryStyle) {
  const struct {
    UnitStyle style;
    double epsilon, sigma;
  } cases[] = {
      {UnitStyle::lj, 1, 1}, {UnitStyle::metal, 0.0104, 3.4}, {UnitStyle::real, 0.24, 3.4}};
  for (const auto& c : cases) {
    double distance = 0;
    const auto result = minimized_dimer(c.style, c.epsilon, c.sigma, distance);
    EXPECT_EQ(result.end, End::converged) << name(c.style);
    // The force constant is 57 epsilon/sigma^2.
    EXPECT_NEAR(distance, std::pow(2.0, 1.0 / 6) * c.sigma, 1e-8 * c.sigma) << name(c.style);
    EXPECT_NEAR(result.potential_energy, -c.epsilon, 1e-12 * c.epsilon) << name(c.style);
  }
}

TEST(Minimize, SaysWhereForcesAreNotFinite) {
  auto simulation = test::melt_simulation(kCrystal, test::world());
  const auto& system = simulation.system();
  if (test::world().rank() == 0) {
    const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
    for (std::size_t d = 0; d < 3; ++d) x(0, d) = x(1, d);
    Kokkos::deep_copy(system.x(), x);
  }
  EXPECT_THROW(minimize(simulation, {1e-6, 10}), NumericError);
  EXPECT_EQ(system.fields.all().back().info.name, "list_reference_position");
}

}  // namespace
}  // namespace r1::md
