// Both builders against all pairs of all images, on cells that tempt them: triclinic, thin, sparse, perfect lattices.
// SPDX-License-Identifier: Apache-2.0
#include "core/neighbor_list.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <vector>

namespace r1 {
namespace {

/// Local atoms in cell order, all their periodic images within the cutoff of the cell as ghosts, and the filler.
struct Sample {
  ListInput input;
  std::vector<Vec3> x;  // locals, then ghosts
  std::vector<std::int64_t> id;
  std::vector<Int3> image;  // of the ghosts
};

/// Locals in cell order.
void add_locals(Sample& s, const std::vector<Vec3>& atoms) {
  const int n = static_cast<int>(atoms.size());
  const View<double* [4]> x("x", n);
  const View<std::int64_t*> ids("id", n);
  for (int i = 0; i < n; ++i) {
    ids(i) = 1 + (i * 7919) % 100003;  // distinct and in no order
    for (int d = 0; d < 3; ++d) x(i, d) = atoms[static_cast<std::size_t>(i)][d];
  }
  const auto order = cell_order(Exec(), s.input.grid, s.input.box, x, ids, n);
  for (int i = 0; i < n; ++i) {
    s.x.push_back(atoms[static_cast<std::size_t>(order(i))]);
    s.id.push_back(ids(order(i)));
  }
}

/// Every image of a local atom within `cutoff` of the cell.
void add_ghosts(Sample& s, double cutoff) {
  const Box& box = s.input.box;
  const std::size_t n = s.x.size();
  Int3 reach;
  for (int d = 0; d < 3; ++d) reach[d] = static_cast<int>(std::ceil(cutoff / box.width[d])) + 1;
  for (int a = -reach[0]; a <= reach[0]; ++a)
    for (int b = -reach[1]; b <= reach[1]; ++b)
      for (int c = -reach[2]; c <= reach[2]; ++c)
        for (std::size_t i = 0; i < n && (a != 0 || b != 0 || c != 0); ++i) {
          const Vec3 p = s.x[i], shift = box.displacement(a, b, c);
          const Vec3 ghost{p[0] + shift[0], p[1] + shift[1], p[2] + shift[2]};
          const Vec3 f = box.fractional(ghost[0], ghost[1], ghost[2]);
          bool near = true;
          for (int d = 0; d < 3; ++d) {
            const double halo = 1.01 * cutoff / box.width[d];
            near = near && f[d] > -halo && f[d] < 1 + halo;
          }
          if (!near) continue;
          s.x.push_back(ghost);
          s.id.push_back(s.id[i]);
          s.image.push_back({a, b, c});
        }
}

Sample make_sample(const Box& box, const std::vector<Vec3>& atoms, double cutoff) {
  Sample s;
  const int n = static_cast<int>(atoms.size());
  s.input.box = box;
  s.input.grid = CellGrid::make(box, Brick{}, cutoff, cutoff, n);
  add_locals(s, atoms);
  add_ghosts(s, cutoff);
  const int all = static_cast<int>(s.x.size());
  const View<double* [4]> x("x", all + 1);
  const View<std::int64_t*> id("id", all);
  const View<int* [3]> image("image", all - n);
  for (int i = 0; i < all; ++i) {
    id(i) = s.id[static_cast<std::size_t>(i)];
    for (int d = 0; d < 3; ++d) {
      x(i, d) = s.x[static_cast<std::size_t>(i)][d];
      if (i >= n) image(i - n, d) = s.image[static_cast<std::size_t>(i - n)][d];
    }
  }
  for (int d = 0; d < 4; ++d) x(all, d) = 1e10;
  s.input = {box, s.input.grid, x, id, image, n, all - n};
  return s;
}

using PairKey =
    std::tuple<std::int64_t, std::int64_t, int, int, int>;  // ids and image, the smaller side first

PairKey key(const Sample& s, int i, int j) {
  const int n = s.input.n_local;
  Int3 m{0, 0, 0};
  if (j >= n) m = s.image[static_cast<std::size_t>(j - n)];
  const std::int64_t a = s.id[static_cast<std::size_t>(i)], b = s.id[static_cast<std::size_t>(j)];
  return std::min(PairKey{a, b, m[0], m[1], m[2]}, PairKey{b, a, -m[0], -m[1], -m[2]});
}

std::multiset<PairKey> listed(const Sample& s, const NeighborList& list) {
  std::multiset<PairKey> pairs;
  for (int i = 0; i < list.atoms; ++i)
    for (int k = 0; k < list.count(i); ++k) pairs.insert(key(s, i, list.neighbor(i, k)));
  return pairs;
}

std::multiset<PairKey> all_pairs(const Sample& s, double cutoff, int times) {
  std::set<PairKey> once;
  for (int i = 0; i < s.input.n_local; ++i)
    for (std::size_t j = 0; j < s.x.size(); ++j) {
      const auto &p = s.x[static_cast<std::size_t>(i)], &q = s.x[j];
      const double dx = p[0] - q[0], dy = p[1] - q[1], dz = p[2] - q[2];
      if (static_cast<int>(j) != i && dx * dx + dy * dy + dz * dz < cutoff * cutoff)
        once.insert(key(s, i, static_cast<int>(j)));
    }
  std::multiset<PairKey> pairs;
  for (const auto& p : once)
    for (int t = 0; t < times; ++t) pairs.insert(p);
  return pairs;
}

NeighborList build(const Sample& s, double cutoff, ListShape shape) {
  NeighborListBuilder builder({cutoff, shape});
  NeighborList list;
  builder.build(Exec(), s.input, 0.0, list);
  return list;
}

void expect_exact(const Box& box, const std::vector<Vec3>& atoms, double cutoff) {
  const Sample s = make_sample(box, atoms, cutoff);
  EXPECT_EQ(listed(s, build(s, cutoff, ListShape::half)), all_pairs(s, cutoff, 1));
  EXPECT_EQ(listed(s, build(s, cutoff, ListShape::full)), all_pairs(s, cutoff, 2));
}

std::vector<Vec3> scattered(const Box& box, int n) {
  std::vector<Vec3> atoms;
  std::uint64_t state = 12345;
  const auto uniform = [&] {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state >> 11) * 0x1p-53;
  };
  for (int i = 0; i < n; ++i) atoms.push_back(box.cartesian({uniform(), uniform(), uniform()}));
  return atoms;
}

const Box kCube =
    Box::make({Vec3{7, 0, 0}, Vec3{0, 7, 0}, Vec3{0, 0, 7}}, {0, 0, 0}, {true, true, true});
const Box kSlanted =
    Box::make({Vec3{6, 0, 0}, Vec3{2.5, 5, 0}, Vec3{-2, 1.5, 7}}, {1, -2, 3}, {true, true, true});
const Box kThin =
    Box::make({Vec3{9, 0, 0}, Vec3{0, 8, 0}, Vec3{0, 0, 1.6}}, {0, 0, 0}, {true, true, true});

TEST(NeighborList, HoldsEveryPairOfAFluidOnce) { expect_exact(kCube, scattered(kCube, 150), 2.1); }
TEST(NeighborList, IsExactInATriclinicCell) {
  expect_exact(kSlanted, scattered(kSlanted, 120), 2.3);
}
TEST(NeighborList, SeesSeveralImagesInAThinCell) { expect_exact(kThin, scattered(kThin, 60), 2.4); }
TEST(NeighborList, PairsAnAtomWithItsOwnImages) { expect_exact(kThin, scattered(kThin, 1), 3.3); }
TEST(NeighborList, IsEmptyWithoutAtoms) { expect_exact(kCube, {}, 2.0); }

TEST(NeighborList, LosesNothingOfAPerfectLatticeWhoseTiesAreExact) {
  std::vector<Vec3> atoms;
  for (int a = 0; a < 7; ++a)
    for (int b = 0; b < 7; ++b)
      for (int c = 0; c < 7; ++c) atoms.push_back({1.0 * a, 1.0 * b, 1.0 * c});
  const Sample s = make_sample(kCube, atoms, 1.5);
  const auto list = build(s, 1.5, ListShape::half);
  EXPECT_EQ(list.pairs(Exec()), 343 * (6 + 12) / 2);  // nearest and next-nearest neighbours
  expect_exact(kCube, atoms, 1.5);
}

TEST(NeighborList, GrowsWhenTheDensityGrows) {
  NeighborListBuilder builder({2.0, ListShape::half}), full_builder({2.0, ListShape::full});
  NeighborList half, full;
  for (const int n : {20, 200, 400, 50}) {
    const Sample s = make_sample(kCube, scattered(kCube, n), 2.0);
    builder.build(Exec(), s.input, 0.0, half);
    full_builder.build(Exec(), s.input, 0.0, full);
    EXPECT_EQ(listed(s, half), all_pairs(s, 2.0, 1)) << n;
    EXPECT_EQ(listed(s, full), all_pairs(s, 2.0, 2)) << n;
  }
}

TEST(NeighborList, PadsPackedRowsWithTheFiller) {
  if (!kDeviceIsHost) GTEST_SKIP() << "rows are packed on hosts only";
  const Sample s = make_sample(kCube, scattered(kCube, 100), 2.0);
  const auto list = build(s, 2.0, ListShape::half);
  for (int i = 0; i < list.atoms; ++i)
    for (int k = list.count(i); k % NeighborList::kRowPadding != 0; ++k)
      EXPECT_EQ(list.neighbor(i, k), list.filler);
}

TEST(GhostPairs, ExactlyOneSideOwnsAPair) {
  const Int3 images[] = {{0, 0, 1}, {0, -1, 1}, {1, 0, 0}, {-2, 3, 0}};
  for (std::int64_t a = 1; a < 12; ++a)
    for (std::int64_t b = 1; b < 12; ++b)
      for (const auto& m : images)
        EXPECT_NE(owns_ghost_pair(a, b, m[0], m[1], m[2]),
                  owns_ghost_pair(b, a, -m[0], -m[1], -m[2]));
}

TEST(CellGrid, StaysSmallInASparseCell) {
  const Box huge =
      Box::make({Vec3{1e5, 0, 0}, Vec3{0, 1e5, 0}, Vec3{0, 0, 1e5}}, {0, 0, 0}, {true, true, true});
  EXPECT_LE(CellGrid::make(huge, Brick{}, 2.5, 2.5, 1).size(), 100);
}

}  // namespace
}  // namespace r1
