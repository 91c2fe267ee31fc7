// The forms of Lennard-Jones in SIMD against the same in doubles, both as the kernels of CPUs evaluate them.
// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/lennard_jones.hpp"

#include <gtest/gtest.h>

namespace r1::test {
namespace {

using md::ForceShiftedLennardJones;

TEST(LennardJones, QuadsHaveTheBitsOfDoubles) {
  const ForceShiftedLennardJones<double> scalar{4.0, 1.0, 0.1, 0.03};
  const ForceShiftedLennardJones<Quad> vector{quad(4.0), quad(1.0), quad(0.1), quad(0.03)};
  const Quad r2{0.81, 1.3, 2.9, 6.2};
  const auto all = vector(r2);
  for (int l = 0; l < kQuad; ++l) {
    const auto one = scalar(r2[l]);
    EXPECT_EQ(all.u[l], one.u);
    EXPECT_EQ(all.g[l], one.g);
  }
}

}  // namespace
}  // namespace r1::test
