// Elementary functions in fp32 against those of the library in fp64: relative errors in units of 2^-23 of the result.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/vector_math.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace r1::ml {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNone = std::numeric_limits<float>::quiet_NaN();

template <class F, class G>
double largest_error(F function, G exact, float low, float high) {
  double worst = 0;
  constexpr int kPoints = 400000;
  for (int k = 0; k <= kPoints; ++k) {
    const float x = low + (high - low) * static_cast<float>(k) / kPoints;
    const double y = exact(static_cast<double>(x));
    if (y != 0)
      worst = std::max(worst, std::abs((static_cast<double>(function(x)) - y) / y) * 0x1p23);
  }
  return worst;
}

TEST(VectorMath, IsRightToAFewUnitsInTheLastPlace) {
  const auto exp = [](double x) { return std::exp(x); };
  const auto tanh = [](double x) { return std::tanh(x); };
  const auto erf = [](double x) { return std::erf(x); };
  EXPECT_LT(largest_error(vector_math::exp, exp, -87, 88), 1.6);
  EXPECT_LT(largest_error(vector_math::tanh, tanh, -10, 10), 1.6);
  EXPECT_LT(largest_error(vector_math::tanh, tanh, -1e-3F, 1e-3F), 1.6);
  EXPECT_LT(largest_error(vector_math::erf, erf, -5, 5), 1.6);
  EXPECT_LT(largest_error(vector_math::erf, erf, -1e-3F, 1e-3F), 1.6);
}

TEST(VectorMath, KeepsLimitsAndNumbersThatAreNone) {
  EXPECT_EQ(vector_math::exp(0), 1);
  EXPECT_EQ(vector_math::exp(89), kInfinity);
  EXPECT_EQ(vector_math::exp(kInfinity), kInfinity);
  EXPECT_EQ(vector_math::exp(-kInfinity), 0);
  EXPECT_NEAR(vector_math::exp(-100), std::exp(-100.0), 2e-45) << "below the normal numbers";
  EXPECT_EQ(vector_math::tanh(kInfinity), 1);
  EXPECT_EQ(vector_math::tanh(-kInfinity), -1);
  EXPECT_EQ(vector_math::erf(kInfinity), 1);
  EXPECT_EQ(vector_math::erf(-kInfinity), -1);
  EXPECT_TRUE(std::signbit(vector_math::tanh(-0.0F)) && std::signbit(vector_math::erf(-0.0F)));
  for (const auto function : {vector_math::exp, vector_math::tanh, vector_math::erf})
    EXPECT_TRUE(std::isnan(function(kNone)));
}

}  // namespace
}  // namespace r1::ml
