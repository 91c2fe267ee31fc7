// SPDX-License-Identifier: Apache-2.0
#include "md/setup/velocities.hpp"

#include "core/random.hpp"
#include "md/measure.hpp"
#include "md/setup/lattice.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace r1::md {
namespace {

constexpr double kTemperature = 1600;
constexpr std::uint64_t kSeed = 7;

/// A lattice of atoms of two masses, alternating by id.
System made(const Communicator& comm, Int3 repeat) {
  System system(Units::make(UnitStyle::metal, ConstantSet::codata));
  system.set_species({{"Cu", 63.546}, {"H", 1.008}});
  const Lattice lattice{lattice_basis("sc"), 3.0, repeat, 0};
  system.box = lattice_box(lattice, {true, true, true});
  create_lattice(Exec(), lattice, Decomposition(system.box, comm.size(), comm.rank()), system);
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  const auto type = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.type());
  for (int i = 0; i < system.n_local; ++i) type(i) = static_cast<int>(id(i) % 2);
  Kokkos::deep_copy(system.type(), type);
  return system;
}

/// Velocities of all ranks, (3 N) by id.
std::vector<double> gathered(const Communicator& comm, const System& system) {
  const auto v = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.v());
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  std::vector<double> mine;
  for (int i = 0; i < system.n_local; ++i)
    mine.insert(mine.end(), {static_cast<double>(id(i)), v(i, 0), v(i, 1), v(i, 2)});
  std::vector<double> all(3 * static_cast<std::size_t>(system.n_global));
  for (const auto& part : comm.all_gather(std::span<const double>(mine)))
    for (std::size_t k = 0; k < part.size(); k += 4)
      std::copy_n(&part[k + 1], 3, &all[3 * (static_cast<std::size_t>(part[k]) - 1)]);
  return all;
}

double mass_of(const System& system, std::size_t atom) {
  return system.species[(atom + 1) % 2].mass;
}

/// The definition, atom by atom on one rank.
std::vector<double> expected(const System& system) {
  const auto n = static_cast<std::size_t>(system.n_global);
  const Random random(kSeed, RandomPurpose::velocity);
  std::vector<double> v(3 * n);
  double momentum[3] = {0, 0, 0}, mass = 0, twice_kinetic = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const auto normal = random.normal3(i + 1, 0);
    const double m = mass_of(system, i);
    mass += m;
    for (std::size_t d = 0; d < 3; ++d) {
      v[3 * i + d] = normal[d] / std::sqrt(m);
      momentum[d] += m * v[3 * i + d];
    }
  }
  for (std::size_t k = 0; k < 3 * n; ++k) {
    v[k] -= momentum[k % 3] / mass;
    twice_kinetic += mass_of(system, k / 3) * v[k] * v[k] * system.units.mvv_to_energy;
  }
  const double wanted = (3 * static_cast<double>(n) - 3) * system.units.boltzmann * kTemperature;
  for (double& c : v) c *= std::sqrt(wanted / twice_kinetic);
  return v;
}

TEST(Velocities, AreTheSameOnAnyNumberOfRanks) {
  const auto comm = test::world();
  System system = made(comm, {6, 5, 4});
  set_maxwell_velocities(Exec(), comm, system, kTemperature, kSeed);
  const auto v = gathered(comm, system), reference = expected(system);
  for (std::size_t k = 0; k < v.size(); ++k) EXPECT_NEAR(v[k], reference[k], 1e-11) << k;
}

TEST(Velocities, HaveExactTemperatureAndNoMomentum) {
  const auto comm = test::world();
  System system = made(comm, {10, 10, 10});
  set_maxwell_velocities(Exec(), comm, system, kTemperature, kSeed);
  const double dof = 3.0 * 1000 - 3;
  EXPECT_NEAR(2 * kinetic_energy(Exec(), system, comm) / (dof * system.units.boltzmann),
              kTemperature, 1e-12 * kTemperature);
  const auto v = gathered(comm, system);
  double momentum[3] = {0, 0, 0};
  for (std::size_t k = 0; k < v.size(); ++k) momentum[k % 3] += mass_of(system, k / 3) * v[k];
  for (const double p : momentum) EXPECT_NEAR(p, 0, 1e-9);  // of 1000 atoms with m v ~ 300
}

TEST(Velocities, AreNormalWithAWidthThatFollowsTheMass) {
  const auto comm = test::world();
  System system = made(comm, {20, 20, 20});
  set_maxwell_velocities(Exec(), comm, system, kTemperature, kSeed);
  const auto v = gathered(comm, system);
  for (std::size_t species = 0; species < 2; ++species) {
    double second = 0, fourth = 0, n = 0;
    for (std::size_t k = 0; k < v.size(); ++k) {
      if ((k / 3 + 1) % 2 != species) continue;
      const double width2 = system.units.boltzmann * kTemperature /
                            (system.species[species].mass * system.units.mvv_to_energy);
      second += v[k] * v[k] / width2;
      fourth += std::pow(v[k], 4) / (width2 * width2);
      ++n;
    }
    // Moments 1 and 3, with variances 2/n and 96/n; five standard deviations.
    EXPECT_NEAR(second / n, 1, 5 * std::sqrt(2 / n));
    EXPECT_NEAR(fourth / n, 3, 5 * std::sqrt(96 / n));
  }
}

TEST(Velocities, VanishForALoneAtomAndAtZero) {
  const auto comm = test::world();
  System lone = made(comm, {1, 1, 1});
  set_maxwell_velocities(Exec(), comm, lone, kTemperature, kSeed);
  for (const double c : gathered(comm, lone)) EXPECT_EQ(c, 0);
  System cold = made(comm, {3, 3, 3});
  set_maxwell_velocities(Exec(), comm, cold, 0, kSeed);
  for (const double c : gathered(comm, cold)) EXPECT_EQ(c, 0);
}

}  // namespace
}  // namespace r1::md
