// Arithmetic that gives the same bits on any number of ranks and threads (`reproducible: true`). What is summed is first rounded to a
// multiple of a power of two, the quantum: then sums of doubles are exact as long as they stay below 2^53 quanta, and the order in
// which they are taken is of no account (Demmel, Nguyen, "Fast reproducible floating-point summation", ARITH 2013; with quanta known
// beforehand). Positions and cell vectors are multiples of a quantum too, so that images are exact, and a pair gives the same bits
// whichever of its atoms is a ghost.
//   rounded(v) = (v + M) - M,   M = 1.5 · 2^52 quanta;   M = 0: v itself, so plain arithmetic is a case
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/box.hpp"

#include <Kokkos_Core.hpp>

#include <array>
#include <cmath>

namespace r1::md {

/// To a multiple of the quantum that belongs to `magic`; |v| < 2^51 quanta. T: double, or a SIMD register of them.
template <class T>
KOKKOS_INLINE_FUNCTION T rounded(T v, T magic) {
  return (v + magic) - magic;
}

inline double magic_of(double quantum) { return 0x1.8p52 * quantum; }

/// The magic numbers; all 0: plain arithmetic.
struct FixedPoint {
  double position = 0;  // quantum: 2^-49 of the cell's extent, or less [length]
  double force = 0;     // quantum: 2^-34, so sums are exact up to 2^19 [energy/length]
  double fine = 0;      // quantum: 2^-36, of what is summed over all atoms
  double coarse = 0;    // quantum: 2^-10, of the upper half of such a sum: exact up to 2^43

  /// No component of a force on an atom may be larger: 16 pair forces of this size are still summed exactly [energy/length].
  static constexpr double kMostForce = 0x1p15;
  static constexpr double kMostSum = 0x1p42;

  static FixedPoint of(const Box& box);
  bool on() const { return force > 0; }
};

/// N sums over atoms, each in two parts that are exact where the arithmetic is that of a FixedPoint; else `rest` is 0.
template <int N>
struct WideSums {
  double upper[N] = {};
  double rest[N] = {};

  KOKKOS_INLINE_FUNCTION WideSums& operator+=(const WideSums& other) {
    for (int k = 0; k < N; ++k) upper[k] += other.upper[k], rest[k] += other.rest[k];
    return *this;
  }
  KOKKOS_INLINE_FUNCTION void add(int k, double value, const FixedPoint& fixed) {
    const double most = rounded(value, fixed.coarse);
    upper[k] += most;
    rest[k] += rounded(value - most, fixed.fine);
  }
  /// Before sums of ranks are added: the rest, grown over many atoms, gives up what belongs above.
  void carry(const FixedPoint& fixed) {
    for (int k = 0; k < N; ++k) {
      const double most = rounded(rest[k], fixed.coarse);
      upper[k] += most;
      rest[k] -= most;
    }
  }
};

}  // namespace r1::md

namespace Kokkos {
template <int N>
struct reduction_identity<r1::md::WideSums<N>> {
  KOKKOS_FORCEINLINE_FUNCTION static r1::md::WideSums<N> sum() { return {}; }
};
}  // namespace Kokkos
