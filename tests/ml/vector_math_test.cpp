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
  const auto sin = [](double x) { return std::sin(x); };
  const auto cos = [](double x) { return std::cos(x); };
  EXPECT_LT(largest_error(vector_math::exp, exp, -87, 88), 1.6);
  EXPECT_LT(largest_error(vector_math::tanh, tanh, -10, 10), 1.6);
  EXPECT_LT(largest_error(vector_math::tanh, tanh, -1e-3F, 1e-3F), 1.6);
  EXPECT_LT(largest_error(vector_math::erf, erf, -5, 5), 1.6);
  EXPECT_LT(largest_error(vector_math::erf, erf, -1e-3F, 1e-3F), 1.6);
  for (const float most : {1e-3F, 0.8F, 10.0F, 1e5F}) {
    EXPECT_LT(largest_error(vector_math::sin, sin, -most, most), 1.6) << most;
    EXPECT_LT(largest_error(vector_math::cos, cos, -most, most), 1.6) << most;
  }
}

TEST(VectorMath, TheNormalDistributionIsRightInItsTailToo) {
  const auto integral = [](float x) { return vector_math::normal(x).integral; };
  const auto exact = [](double x) { return 0.5 * std::erfc(-x / std::sqrt(2.0)); };
  EXPECT_LT(largest_error(integral, exact, -1, 10), 4);
  EXPECT_LT(largest_error(integral, exact, -4, -1), 14);
  EXPECT_LT(largest_error(integral, exact, -12.5F, -4), 90) << "x^2 itself is rounded";
  for (const float x : {-kInfinity, -20.0F}) EXPECT_EQ(integral(x), 0);
  for (const float x : {kInfinity, 20.0F}) EXPECT_EQ(integral(x), 1);
  EXPECT_TRUE(std::isnan(integral(kNone)));
}

TEST(VectorMath, IsRightNextToZerosOfSineAndCosine) {
  constexpr double kQuarter = 1.5707963267948966;
  for (int n = 1; n < 60000; n += n < 100 ? 1 : 97) {
    const auto x = static_cast<float>(n * kQuarter);
    const double exact =
        n % 2 == 0 ? std::sin(static_cast<double>(x)) : std::cos(static_cast<double>(x));
    const float y = n % 2 == 0 ? vector_math::sin(x) : vector_math::cos(x);
    EXPECT_NEAR(static_cast<double>(y) / exact, 1, 2e-7) << n;
  }
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
  EXPECT_TRUE(std::signbit(vector_math::tanh(-0.0F)) && std::signbit(vector_math::erf(-0.0F)) &&
              std::signbit(vector_math::sin(-0.0F)));
  EXPECT_EQ(vector_math::cos(0), 1);
  EXPECT_FALSE(vector_math::is_near(2e5F) || vector_math::is_near(-kInfinity) ||
               vector_math::is_near(kNone));
  for (const auto function : {vector_math::exp, vector_math::tanh, vector_math::erf})
    EXPECT_TRUE(std::isnan(function(kNone)));
}

}  // namespace
}  // namespace r1::ml
