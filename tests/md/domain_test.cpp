// Distribution, migration and ghosts on any number of ranks: who owns an atom, which copies a brick has, what comes back.
// SPDX-License-Identifier: Apache-2.0
#include "md/domain.hpp"

#include "core/error.hpp"
#include "tests/md/small_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>
#include <tuple>

namespace r1::test {
namespace {

using md::Domain;

/// Sends atoms to their bricks; `width` is that of the halo.
struct Placed {
  Placed(const io::Structure& structure, double width, std::optional<Int3> grid = std::nullopt)
      : comm(world()),
        system(make_system(structure, lammps_units(UnitStyle::lj), comm)),
        domain(comm, system.box, grid) {
    domain.rebuild(exec, system, width, Domain::Moved::anywhere);
  }
  Exec exec;
  Communicator comm;
  md::System system;
  Domain domain;
};

using Copy = std::tuple<std::int64_t, int, int, int>;  // id and image

/// Every copy of an atom that must be a ghost of this rank: within `width` of the brick, by brute force.
std::set<Copy> expected_ghosts(const Placed& p, const io::Structure& s, double width) {
  const Box& box = p.system.box;
  const Brick brick = p.domain.decomposition().brick();
  std::set<Copy> ghosts;
  constexpr int kImages = 4;
  for (std::size_t k = 0; k < s.size(); ++k) {
    Vec3 f = box.fractional(s.position[k][0], s.position[k][1], s.position[k][2]);
    for (int d = 0; d < 3; ++d)
      if (box.periodic[d]) f[d] -= std::floor(f[d]);
    for (int a = -kImages; a <= kImages; ++a)
      for (int b = -kImages; b <= kImages; ++b)
        for (int c = -kImages; c <= kImages; ++c) {
          const int image[3] = {a, b, c};
          bool near = true, own = true;
          for (int d = 0; d < 3; ++d) {
            const double at = f[d] + image[d], halo = width / box.width[d];
            near = near && at >= brick.low[d] - halo && at < brick.high[d] + halo;
            own = own && at >= brick.low[d] && at < brick.high[d];
            near = near && (image[d] == 0 || box.periodic[d]);
          }
          if (near && !own) ghosts.insert({s.id[k], a, b, c});
        }
  }
  return ghosts;
}

void expect_exact_halo(const io::Structure& s, double width,
                       std::optional<Int3> grid = std::nullopt) {
  const Placed p(s, width, grid);
  std::set<Copy> found;
  const auto id = p.system.id();
  const auto image = p.domain.halo().ghost_image();
  for (int g = 0; g < p.system.n_ghost; ++g)
    EXPECT_TRUE(
        found.insert({id(p.system.n_local + g), image(g, 0), image(g, 1), image(g, 2)}).second)
        << "a ghost came twice";
  EXPECT_EQ(found, expected_ghosts(p, s, width));
}

const io::Cell kCube = cell_of({{{10, 0, 0}, {0, 10, 0}, {0, 0, 10}}});
const io::Cell kSlanted = cell_of({{{9, 0, 0}, {3, 8, 0}, {-2, 2.5, 11}}});
const io::Cell kThin = cell_of({{{10, 0, 0}, {0, 9, 0}, {0, 0, 1.5}}});

TEST(Domain, EveryAtomHasOneOwnerWhoseBrickHoldsIt) {
  const auto s = random_atoms(kSlanted, 301, 5);
  const Placed p(s, 1.7);
  const auto x = p.system.x();
  const Brick brick = p.domain.decomposition().brick();
  for (int i = 0; i < p.system.n_local; ++i) {
    const Vec3 f = p.system.box.fractional(x(i, 0), x(i, 1), x(i, 2));
    for (int d = 0; d < 3; ++d) {
      EXPECT_GE(f[d], brick.low[d] - 1e-14);
      EXPECT_LE(f[d], brick.high[d] + 1e-14);
    }
  }
  EXPECT_EQ(p.comm.sum(p.system.n_local), 301);
}

TEST(Domain, GhostsAreExactlyTheCopiesWithinTheHalo) {
  expect_exact_halo(random_atoms(kCube, 200, 1), 2.2);
}
TEST(Domain, TriclinicHalosAreExact) { expect_exact_halo(random_atoms(kSlanted, 200, 2), 2.6); }
TEST(Domain, ThinCellsHaveSeveralImages) { expect_exact_halo(random_atoms(kThin, 40, 3), 2.2); }
TEST(Domain, HalosReachBeyondTheNextBrick) {
  const int ranks = world().size();
  expect_exact_halo(random_atoms(kCube, 120, 4), 4.1, Int3{1, 1, ranks});
}
TEST(Domain, WorksWithOneAtom) { expect_exact_halo(random_atoms(kCube, 1, 6), 2.5); }
TEST(Domain, WorksWithoutAtoms) { expect_exact_halo(random_atoms(kCube, 0, 6), 2.5); }
TEST(Domain, WorksWhereSomeRanksHaveNoAtoms) {
  auto s = random_atoms(kCube, 30, 7);
  for (auto& x : s.position) x[2] = kCube.origin[2] + 0.03 * (x[2] - kCube.origin[2]);
  expect_exact_halo(s, 2.0, Int3{1, 1, world().size()});
}

TEST(Domain, GhostFieldsAreTheirOwners) {
  const auto s = random_atoms(kSlanted, 150, 8);
  Placed p(s, 2.4);
  std::map<std::int64_t, std::pair<Vec3, int>> atom;  // by id: wrapped position, type
  const auto workbench = [&](int i) {
    return Vec3{p.system.x()(i, 0), p.system.x()(i, 1), p.system.x()(i, 2)};
  };
  std::vector<double> rows;
  for (int i = 0; i < p.system.n_local; ++i) {
    const Vec3 x = workbench(i);
    rows.insert(rows.end(), {static_cast<double>(p.system.id()(i)), x[0], x[1], x[2],
                             static_cast<double>(p.system.type()(i))});
  }
  for (const auto& part : p.comm.all_gather(std::span<const double>(rows)))
    for (std::size_t k = 0; k < part.size(); k += 5)
      atom[static_cast<std::int64_t>(part[k])] = {Vec3{part[k + 1], part[k + 2], part[k + 3]},
                                                  static_cast<int>(part[k + 4])};
  for (int g = 0; g < p.system.n_ghost; ++g) {
    const int row = p.system.n_local + g;
    const auto& owner = atom.at(p.system.id()(row));
    const auto image = p.domain.halo().ghost_image();
    const Vec3 shift = p.system.box.displacement(image(g, 0), image(g, 1), image(g, 2));
    for (int d = 0; d < 3; ++d) EXPECT_EQ(p.system.x()(row, d), owner.first[d] + shift[d]);
    EXPECT_EQ(p.system.type()(row), owner.second);
  }
}

TEST(Domain, WhatGhostsCollectComesBackToTheirOwners) {
  Placed p(random_atoms(kThin, 50, 9), 2.0);
  // Every copy, local or ghost, gives 1 and its id: an owner ends with the number of its copies.
  View<double**> rows("rows", p.system.n_all() + 1, 2);
  for (int i = 0; i < p.system.n_all(); ++i) {
    rows(i, 0) = 1;
    rows(i, 1) = static_cast<double>(p.system.id()(i));
  }
  p.domain.halo().reverse_add(p.exec, rows);
  double copies = 0;
  for (int i = 0; i < p.system.n_local; ++i) {
    EXPECT_EQ(rows(i, 1), rows(i, 0) * static_cast<double>(p.system.id()(i)));
    copies += rows(i, 0);
  }
  EXPECT_EQ(p.comm.sum(copies), p.comm.sum(p.system.n_all()));
}

TEST(Domain, UnwrappedPositionsSurviveWrappingAndMigration) {
  const auto s = random_atoms(kSlanted, 100, 10);
  Placed p(s, 1.5);
  std::map<std::int64_t, Vec3> goal;
  for (std::size_t k = 0; k < s.size(); ++k)
    goal[s.id[k]] = {s.position[k][0], s.position[k][1], s.position[k][2]};
  for (int round = 1; round <= 6; ++round) {
    const auto x = p.system.x();
    for (int i = 0; i < p.system.n_local; ++i)
      for (int d = 0; d < 3; ++d) x(i, d) += 0.7 * (d + 1);
    p.domain.rebuild(p.exec, p.system, 1.5,
                     round % 2 == 0 ? Domain::Moved::anywhere : Domain::Moved::nearby);
    for (int i = 0; i < p.system.n_local; ++i) {
      const auto image = p.system.image();
      const Vec3 shift = p.system.box.displacement(image(i, 0), image(i, 1), image(i, 2));
      for (int d = 0; d < 3; ++d)
        EXPECT_NEAR(p.system.x()(i, d) + shift[d],
                    goal[p.system.id()(i)][d] + 0.7 * (d + 1) * round, 1e-12);
    }
  }
}

TEST(Domain, LocalOrderIsAFunctionOfCellAndId) {
  auto s = random_atoms(kCube, 80, 11);
  const Placed a(s, 2.0);
  std::reverse(s.id.begin(), s.id.end());
  std::reverse(s.position.begin(), s.position.end());
  std::reverse(s.type.begin(), s.type.end());
  const Placed b(s, 2.0);
  ASSERT_EQ(a.system.n_local, b.system.n_local);
  for (int i = 0; i < a.system.n_local; ++i) EXPECT_EQ(a.system.id()(i), b.system.id()(i));
}

TEST(Domain, RefusesPositionsThatAreNotFinite) {
  auto s = random_atoms(kCube, 20, 12);
  s.position[3][1] = std::nan("");
  EXPECT_THROW(Placed(s, 2.0), NumericError);
}

TEST(Domain, RefusesAHaloOfTooManyCells) {
  const auto s = random_atoms(kThin, 4, 13);
  EXPECT_THROW(Placed(s, 16.0), ConfigError);  // more than ten times 1.5, on every rank
}

TEST(Decomposition, CutsTheLongestDirection) {
  const Box slab =
      Box::make({Vec3{10, 0, 0}, Vec3{0, 10, 0}, Vec3{0, 0, 80}}, {0, 0, 0}, {true, true, true});
  const Int3 grid = md::best_grid(slab, 8);
  EXPECT_EQ(grid[2], 8);
  const Int3 cube = md::best_grid(
      Box::make({Vec3{9, 0, 0}, Vec3{0, 9, 0}, Vec3{0, 0, 9}}, {0, 0, 0}, {true, true, true}), 8);
  EXPECT_EQ(cube[0] * 100 + cube[1] * 10 + cube[2], 222);
}

TEST(Decomposition, RefusesAGridThatDoesNotFitTheRanks) {
  const Box box =
      Box::make({Vec3{9, 0, 0}, Vec3{0, 9, 0}, Vec3{0, 0, 9}}, {0, 0, 0}, {true, true, true});
  EXPECT_THROW(md::Decomposition(box, 4, 0, Int3{3, 1, 1}), Error);
}

}  // namespace
}  // namespace r1::test
