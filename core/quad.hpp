// Quad: four doubles in one SIMD register, with the loads that pair kernels on CPUs need: four rows of four doubles, gathered by
// index and transposed (xyzw of four atoms -> xxxx yyyy zzzz wwww) and back. A pair form is
// written once for any arithmetic type T and runs with T = Quad in host kernels and T = double on GPUs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Macros.hpp>
#include <Kokkos_MathematicalFunctions.hpp>

#include <cmath>
#include <cstdint>
#include <cstring>

namespace r1 {

using Quad = double __attribute__((vector_size(32)));
using QuadMask = std::int64_t __attribute__((vector_size(32)));  // all bits set: true

inline constexpr int kQuad = 4;

inline Quad quad(double value) { return Quad{value, value, value, value}; }
inline Quad load(const double* p) {
  Quad q;
  std::memcpy(&q, p, sizeof q);
  return q;
}
inline void store(double* p, Quad q) { std::memcpy(p, &q, sizeof q); }

/// value where the mask is true, else 0: the same bits as value, so that masked lanes add exact zeros.
inline Quad only(QuadMask mask, Quad value) { return (Quad)((QuadMask)value & mask); }
inline Quad select(QuadMask mask, Quad yes, Quad no) { return mask ? yes : no; }

KOKKOS_INLINE_FUNCTION double square_root(double value) { return Kokkos::sqrt(value); }
inline Quad square_root(Quad q) {
  return Quad{std::sqrt(q[0]), std::sqrt(q[1]), std::sqrt(q[2]), std::sqrt(q[3])};
}
inline double sum(Quad q) { return (q[0] + q[1]) + (q[2] + q[3]); }

/// In place: rows (a0 a1 a2 a3), (b0 ...), ... become columns (a0 b0 c0 d0), (a1 b1 c1 d1), ...
inline void transpose(Quad& a, Quad& b, Quad& c, Quad& d) {
  const Quad ab_low = __builtin_shufflevector(a, b, 0, 4, 2, 6);
  const Quad ab_high = __builtin_shufflevector(a, b, 1, 5, 3, 7);
  const Quad cd_low = __builtin_shufflevector(c, d, 0, 4, 2, 6);
  const Quad cd_high = __builtin_shufflevector(c, d, 1, 5, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  c = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
}

/// Rows j[0] .. j[3] of `rows` (N, 4), transposed: all x, all y, all z, all fourth components.
inline void gather_rows(const double* rows, const std::int64_t (&j)[kQuad], Quad& x, Quad& y,
                        Quad& z, Quad& w) {
  x = load(rows + 4 * j[0]);
  y = load(rows + 4 * j[1]);
  z = load(rows + 4 * j[2]);
  w = load(rows + 4 * j[3]);
  transpose(x, y, z, w);
}

/// Subtracts (x, y, z, 0) of each lane from its row of `rows` (N, 4), one row after the other: rows may repeat.
inline void subtract_rows(double* __restrict rows, const std::int64_t (&j)[kQuad], Quad x, Quad y,
                          Quad z) {
  Quad w = quad(0);
  transpose(x, y, z, w);
  store(rows + 4 * j[0], load(rows + 4 * j[0]) - x);
  store(rows + 4 * j[1], load(rows + 4 * j[1]) - y);
  store(rows + 4 * j[2], load(rows + 4 * j[2]) - z);
  store(rows + 4 * j[3], load(rows + 4 * j[3]) - w);
}

}  // namespace r1
