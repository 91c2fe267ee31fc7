// SPDX-License-Identifier: Apache-2.0
#include "md/setup/lattice.hpp"

#include "comm/communicator.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace r1::md {
namespace {

struct Atom {
  std::int64_t id;
  double x[3];
  int type;
};

/// All ranks' atoms, by id; a repeated id is a failure.
std::map<std::int64_t, Atom> gathered(const Communicator& comm, const System& system) {
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  const auto type = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.type());
  std::vector<Atom> mine;
  for (int i = 0; i < system.n_local; ++i)
    mine.push_back({id(i), {x(i, 0), x(i, 1), x(i, 2)}, type(i)});
  std::map<std::int64_t, Atom> all;
  for (const auto& part : comm.all_gather(std::span<const Atom>(mine)))
    for (const auto& atom : part) EXPECT_TRUE(all.emplace(atom.id, atom).second) << atom.id;
  return all;
}

System made(const Communicator& comm, const Lattice& lattice) {
  System system(Units::make(UnitStyle::lj, ConstantSet::codata));
  system.box = lattice_box(lattice, {true, true, true});
  create_lattice(Exec(), lattice, Decomposition(system.box, comm.size(), comm.rank()), system);
  return system;
}

/// Distances to the nearest neighbours of the first atom, and how many there are.
std::pair<double, int> first_shell(const std::map<std::int64_t, Atom>& atoms, const Box& box) {
  double nearest = 1e300;
  int count = 0;
  const Atom& first = atoms.begin()->second;
  for (const auto& [id, atom] : atoms) {
    if (id == first.id) continue;
    double r2 = 0;
    for (int d = 0; d < 3; ++d) {
      const double delta = atom.x[d] - first.x[d], edge = box.vectors[d][d];
      r2 += std::pow(delta - edge * std::round(delta / edge), 2);
    }
    const double r = std::sqrt(r2);
    if (r < nearest - 1e-9) nearest = r, count = 0;
    if (r < nearest + 1e-9) ++count;
  }
  return {nearest, count};
}

TEST(Lattice, HasTheShellsOfItsCrystal) {
  const auto comm = test::world();
  struct Case {
    const char* type;
    int sites, neighbors;
    double distance;  // of nearest neighbours, in units of the edge
  };
  for (const auto& c :
       {Case{"sc", 1, 6, 1}, Case{"bcc", 2, 8, std::sqrt(3) / 2},
        Case{"fcc", 4, 12, std::sqrt(0.5)}, Case{"diamond", 8, 4, std::sqrt(3) / 4}}) {
    const Lattice lattice{lattice_basis(c.type), 1.7, {4, 3, 5}, 2};
    const System system = made(comm, lattice);
    EXPECT_EQ(system.n_global, c.sites * 60) << c.type;
    const auto atoms = gathered(comm, system);
    ASSERT_EQ(atoms.size(), static_cast<std::size_t>(system.n_global)) << c.type;
    EXPECT_EQ(atoms.begin()->first, 1);
    EXPECT_EQ(atoms.rbegin()->first, system.n_global);
    EXPECT_EQ(atoms.begin()->second.type, 2);
    const auto [distance, neighbors] = first_shell(atoms, system.box);
    EXPECT_NEAR(distance, 1.7 * c.distance, 1e-12) << c.type;
    EXPECT_EQ(neighbors, c.neighbors) << c.type;
  }
}

TEST(Lattice, CountsIdsAlongAFirstOnAnyNumberOfRanks) {
  const auto comm = test::world();
  const Lattice lattice{lattice_basis("bcc"), 2.0, {7, 2, 3}, 0};
  const auto atoms = gathered(comm, made(comm, lattice));
  std::int64_t id = 0;
  for (int k = 0; k < 3; ++k)
    for (int j = 0; j < 2; ++j)
      for (int i = 0; i < 7; ++i)
        for (const double b : {0.0, 0.5}) {
          const auto& x = atoms.at(++id).x;
          EXPECT_NEAR(x[0], 2 * (i + b), 1e-14);
          EXPECT_NEAR(x[1], 2 * (j + b), 1e-14);
          EXPECT_NEAR(x[2], 2 * (k + b), 1e-14);
        }
}

TEST(Lattice, IsMadeWhereItBelongs) {
  const auto comm = test::world();
  const Lattice lattice{lattice_basis("fcc"), 1.0, {5, 5, 5}, 0};
  const System system = made(comm, lattice);
  const Brick brick = Decomposition(system.box, comm.size(), comm.rank()).brick();
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
  for (int i = 0; i < system.n_local; ++i) {
    const Vec3 s = system.box.fractional(x(i, 0), x(i, 1), x(i, 2));
    for (int d = 0; d < 3; ++d) {
      EXPECT_GE(s[d], brick.low[d] - 1e-12);
      EXPECT_LE(s[d], brick.high[d] + 1e-12);
    }
  }
}

TEST(Lattice, FollowsTheDensity) {
  // The melt of the literature: fcc at 0.8442 has an edge of 1.6796.
  EXPECT_NEAR(Lattice::constant_at(lattice_basis("fcc"), 0.8442), 1.67959, 1e-5);
  const Lattice lattice{
      lattice_basis("diamond"), Lattice::constant_at(lattice_basis("diamond"), 0.5), {2, 3, 4}, 0};
  EXPECT_NEAR(
      static_cast<double>(lattice.sites()) / lattice_box(lattice, {true, true, true}).volume, 0.5,
      1e-14);
}

}  // namespace
}  // namespace r1::md
