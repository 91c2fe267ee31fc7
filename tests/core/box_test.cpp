// SPDX-License-Identifier: Apache-2.0
#include "core/box.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

namespace r1 {
namespace {

const Kokkos::Array<Vec3, 3> kTriclinic{Vec3{4, 0.5, -0.25}, Vec3{-1, 5, 0.75}, Vec3{0.5, 1, 6}};

TEST(Box, FractionalAndCartesianAreInverse) {
  const Box box = Box::make(kTriclinic, {1, 2, 3}, {true, true, true});
  const Vec3 s = box.fractional(2.25, -1.5, 7.125);
  const Vec3 x = box.cartesian(s);
  EXPECT_NEAR(x[0], 2.25, 1e-14);
  EXPECT_NEAR(x[1], -1.5, 1e-14);
  EXPECT_NEAR(x[2], 7.125, 1e-14);
}

TEST(Box, KnowsVolumeAndFaceDistances) {
  const Box box =
      Box::make({Vec3{2, 0, 0}, Vec3{1, 3, 0}, Vec3{0, 0, 4}}, {0, 0, 0}, {true, true, true});
  EXPECT_DOUBLE_EQ(box.volume, 24);
  EXPECT_DOUBLE_EQ(box.width[0], 6 / std::sqrt(10.0));  // the a faces are slanted by b
  EXPECT_DOUBLE_EQ(box.width[1], 3);
  EXPECT_DOUBLE_EQ(box.width[2], 4);
}

TEST(Box, AcceptsLeftHandedVectors) {
  const Box box =
      Box::make({Vec3{0, 3, 0}, Vec3{2, 0, 0}, Vec3{0, 0, 4}}, {0, 0, 0}, {true, true, true});
  EXPECT_DOUBLE_EQ(box.volume, 24);
  const Vec3 s = box.fractional(1, 0.75, 1);
  EXPECT_DOUBLE_EQ(s[0], 0.25);
  EXPECT_DOUBLE_EQ(s[1], 0.5);
}

TEST(Box, RefusesVectorsWithoutVolume) {
  const Vec3 a{1, 2, 3}, b{2, 4, 6}, c{0, 0, 1};
  EXPECT_THROW(Box::make({a, b, c}, {0, 0, 0}, {true, true, true}), Error);
  EXPECT_THROW(Box::make({Vec3{NAN, 0, 0}, b, c}, {0, 0, 0}, {true, true, true}), Error);
}

}  // namespace
}  // namespace r1
