// SPDX-License-Identifier: Apache-2.0
#include "md/output/gather.hpp"

#include "tests/md/small_run.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace {

using namespace r1;
using test::world;

const io::Cell kTilted = test::cell_of({{{4, 0, 0}, {1.3, 5, 0}, {-0.9, 0.6, 3}}});

/// Cells that atom k lies outside, along each vector.
io::Int3 cells_out(std::size_t k) {
  if (k % 3 == 0) return {0, 0, 0};
  return {static_cast<std::int32_t>(k % 5) - 2, static_cast<std::int32_t>(k % 7) - 3, 1};
}

/// Atoms inside the cell, and the same displaced by whole cells.
struct Case {
  io::Structure inside, displaced;
};
Case make_case(int atoms) {
  Case c;
  c.inside = test::random_atoms(kTilted, atoms, 5);
  c.displaced = c.inside;
  // Descending ids: the order of memory is not the order that is asked for.
  std::reverse(c.displaced.id.begin(), c.displaced.id.end());
  c.inside.id = c.displaced.id;
  for (std::size_t k = 0; k < c.inside.size(); ++k)
    for (std::size_t d = 0; d < 3; ++d)
      for (std::size_t i = 0; i < 3; ++i)
        c.displaced.position[k][i] += cells_out(k)[d] * kTilted.vectors[d][i];
  return c;
}

TEST(GatherById, WrapsPositionsAndCountsImages) {
  const auto comm = world();
  const Case c = make_case(101);
  const auto system = test::make_system(c.displaced, test::lammps_units(UnitStyle::lj), comm);
  const auto frame = md::gather_by_id(Exec(), system, comm, {true, false, false});
  if (comm.rank() != 0) {
    EXPECT_TRUE(frame.id.empty() && frame.position.empty() && frame.image.empty());
    return;
  }
  ASSERT_EQ(frame.id.size(), 101U);
  ASSERT_TRUE(std::is_sorted(frame.id.begin(), frame.id.end()));
  for (std::size_t row = 0; row < frame.id.size(); ++row) {
    const std::size_t k = frame.id.size() - 1 - row;
    EXPECT_EQ(frame.id[row], c.inside.id[k]);
    EXPECT_EQ(frame.type[row], c.inside.type[k]);
    EXPECT_EQ(frame.image[row], cells_out(k));
    for (std::size_t d = 0; d < 3; ++d) {
      if (cells_out(k) == io::Int3{0, 0, 0})
        EXPECT_EQ(frame.position[row][d], c.inside.position[k][d]);  // the same bits
      else
        EXPECT_NEAR(frame.position[row][d], c.inside.position[k][d], 1e-13);
    }
  }
  EXPECT_TRUE(frame.velocity.empty() && frame.force.empty());
}

TEST(GatherById, GivesTheSameInRoundsOfAnySize) {
  const auto comm = world();
  auto structure = make_case(101).displaced;
  for (const auto& x : structure.position) structure.velocity.push_back({x[2], -x[0], x[1]});
  const auto system = test::make_system(structure, test::lammps_units(UnitStyle::lj), comm);
  const md::FrameFields all{true, true, true};
  const auto whole = md::gather_by_id(Exec(), system, comm, all);
  for (const int round : {1, 7, 64}) {
    const auto parts = md::gather_by_id(Exec(), system, comm, all, round);
    EXPECT_EQ(parts.id, whole.id);
    EXPECT_EQ(parts.position, whole.position);
    EXPECT_EQ(parts.velocity, whole.velocity);
    EXPECT_EQ(parts.force, whole.force);
  }
  for (std::size_t row = 0; row < whole.id.size(); ++row)
    EXPECT_EQ(whole.velocity[row], structure.velocity[whole.id.size() - 1 - row]);
}

TEST(GatherById, LeavesOpenDirectionsUnwrapped) {
  const auto comm = world();
  Case c = make_case(30);
  c.displaced.cell->periodic = {true, false, true};
  const auto system = test::make_system(c.displaced, test::lammps_units(UnitStyle::lj), comm);
  const auto frame = md::gather_by_id(Exec(), system, comm, {true, false, false});
  for (std::size_t row = 0; row < frame.id.size(); ++row) {
    const std::size_t k = frame.id.size() - 1 - row;
    EXPECT_EQ(frame.image[row], (io::Int3{cells_out(k)[0], 0, cells_out(k)[2]}));
    // Only the second vector's displacement is still there.
    EXPECT_NEAR(frame.position[row][1] - c.inside.position[k][1], 5.0 * cells_out(k)[1], 1e-12);
  }
}

TEST(GatherById, GathersRanksWithoutAtomsAndNoAtomAtAll) {
  const auto comm = world();
  for (const int atoms : {0, 1}) {
    const auto system =
        test::make_system(make_case(atoms).displaced, test::lammps_units(UnitStyle::lj), comm);
    const auto frame = md::gather_by_id(Exec(), system, comm, {true, true, true});
    EXPECT_EQ(frame.id.size(), comm.rank() == 0 ? static_cast<std::size_t>(atoms) : 0U);
    EXPECT_EQ(frame.velocity.size(), frame.id.size());
  }
}

}  // namespace
