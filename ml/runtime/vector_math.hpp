// exp, tanh, erf, the normal distribution, sin and cos in fp32 as plain arithmetic, which compilers turn into vector loops; library functions would be calls. Errors are below
// 2 units in the last place (tests/ml/vector_math_test.cpp). The polynomials are minimax fits made for the intervals named below.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace r1::ml::vector_math {

/// 2^n, |n| <= 126.
inline float power_of_two(std::int32_t n) { return std::bit_cast<float>((n + 127) << 23); }

/// exp(x) = 2^n exp(r), r = x - n log 2, |r| <= log(2)/2:  exp(r) = 1 + r + r^2 p(r). 0 below -104, infinite above 88.73. The chain of
/// operations that wait for each other is what counts, so the polynomial is taken in pairs, and limits are looked at last.
inline float exp(float x) {
  constexpr float kLowest = -104, kHighest = 89;
  constexpr float kRound =
      12582912;  // 1.5 2^23: adding it rounds to integers, which are then its last bits
  const float shifted = x * 1.44269504F + kRound;
  const float n = shifted - kRound;
  const auto exponent =
      static_cast<std::int32_t>(std::bit_cast<std::uint32_t>(shifted) - 0x4B400000U);
  // log 2 in two parts, of which the first has zeros at its end: n times it is exact.
  const float r = (x - n * 0.693359375F) - n * -2.12194440e-4F;
  const float square = r * r, low = 1.6666577e-1F * r + 0.5F, high = 8.36318e-3F * r + 4.166638e-2F;
  const float p = (1.39411e-3F * square + high) * square + low;
  const float y = square * p + (r + 1);
  // In two halves, so that results below the normal numbers and 2^128 come out.
  const std::int32_t half = exponent >> 1;
  const float scaled = y * power_of_two(half) * power_of_two(exponent - half);
  const float bounded = x > kHighest ? std::numeric_limits<float>::infinity() : scaled;
  return x < kLowest ? 0 : bounded;  // a NaN stays one
}

/// x + x^3 p(x^2) below 0.625, 1 - 2/(exp(2 |x|) + 1) above.
inline float tanh(float x) {
  const float a = std::fabs(x), z = x * x;
  float p = -6.11319e-3F;
  p = p * z + 2.101008e-2F;
  p = p * z - 5.385407e-2F;
  p = p * z + 1.3332795e-1F;
  p = p * z - 3.3333329e-1F;
  const float small = x * (1 + z * p);  // keeps the sign of a zero
  const float large = std::copysign(1 - 2 / (exp(2 * a) + 1), x);
  return a < 0.625F ? small : large;
}

/// x p(x^2) below 1, 1 - exp(-q(|x|)) above; 1 from 4.05 on.
inline float erf(float x) {
  const float a = std::fabs(x), z = x * x;
  float p = 7.88911945e-5F;
  p = p * z - 8.02084125e-4F;
  p = p * z + 5.18953534e-3F;
  p = p * z - 2.68544446e-2F;
  p = p * z + 1.12836002e-1F;
  p = p * z - 3.76126271e-1F;
  p = p * z + 1.12837917F;
  const float t = a > 4.05F ? 4.05F : a;
  float q = -1.91505063e-4F;
  q = q * t + 2.99954934e-3F;
  q = q * t - 2.20520302e-2F;
  q = q * t + 1.03566957e-1F;
  q = q * t + 6.37599968e-1F;
  q = q * t + 1.12742613F;
  q = q * t + 2.56436336e-4F;
  const float large = std::copysign(1 - exp(-q), x);
  return a < 1 ? x * p : large;
}

/// exp(-x^2/2), and the integral of the normal distribution up to x.
struct Normal {
  float exponential, integral;
};
/// Below 0 the integral is exp(-x^2/2) s p(s), s = 1/(1 + 0.35 |x|): relative errors stay small there too, where it is.
inline Normal normal(float x) {
  const float s = 1 / (1 + 0.35F * std::fabs(x)), s2 = s * s, s4 = s2 * s2;
  const float p01 = 1.39863521e-1F * s + 1.39621302e-1F, p23 = 1.05552532e-1F * s + 1.19821280e-1F,
              p45 = 1.59319818e-1F * s - 2.32124329e-2F, p67 = 1.44030973e-1F * s - 2.55839109e-1F;
  const float p = (p67 * s2 + p45 - 2.91578975e-2F * s4) * s4 + (p23 * s2 + p01);
  const float exponential = exp(-0.5F * x * x), tail = exponential * (s * p);
  return {exponential, x < 0 ? tail : 1 - tail};
}

/// Where sin and cos below are right.
inline bool is_near(float x) { return std::fabs(x) <= 1e5F; }

/// x = n pi/2 + r, |r| <= pi/4; of n the last two bits are what matters.
struct Angle {
  float r;
  std::int32_t n;
};
inline Angle angle(float x) {
  constexpr double kRound = 6755399441055744;  // 1.5 2^52: as in exp
  const double wide = x, shifted = wide * 0.63661977236758134 + kRound;
  const double n = shifted - kRound;
  // pi/2 in two parts, of which the first has 33 bits.
  const double r = (wide - n * 0x1.921fb544p0) - n * 0x1.0b4611a626331p-34;
  return {static_cast<float>(r), static_cast<std::int32_t>(std::bit_cast<std::int64_t>(shifted))};
}

/// sin(r + n pi/2):  r (1 + r^2 p(r^2)) or 1 - r^2/2 + r^4 q(r^2), by turns, and then with the other sign.
inline float sin_of(Angle x) {
  const float r = x.r, z = r * r;
  float p = -1.9515282e-4F;
  p = p * z + 8.3321603e-3F;
  p = p * z - 1.6666655e-1F;
  float q = 2.4433157e-5F;
  q = q * z - 1.3887316e-3F;
  q = q * z + 4.1666646e-2F;
  const float sine = r * (1 + z * p);  // keeps the sign of a zero
  const float cosine = 1 - (0.5F * z - z * z * q);
  const float y = (x.n & 1) == 0 ? sine : cosine;
  return (x.n & 2) == 0 ? y : -y;
}

inline float sin(float x) { return sin_of(angle(x)); }
inline float cos(float x) {
  const Angle a = angle(x);
  return sin_of({a.r, a.n + 1});
}

}  // namespace r1::ml::vector_math
