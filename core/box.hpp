// The periodic cell: three general vectors a, b, c (rows of a 3x3 matrix H) and an origin. LAMMPS' triangular form is a case.
//   x = origin + s·H,   s = (x − origin)·H⁻¹,   an image n is x + n·H.
// Plain data, copied into kernels by value. Lengths in the run's unit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Array.hpp>
#include <Kokkos_Macros.hpp>

#include <cmath>

namespace r1 {

using Vec3 = Kokkos::Array<double, 3>;
using Int3 = Kokkos::Array<int, 3>;

KOKKOS_INLINE_FUNCTION Vec3 cross(const Vec3& a, const Vec3& b) {
  return {a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]};
}
KOKKOS_INLINE_FUNCTION double dot(const Vec3& a, const Vec3& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

struct Box {
  Kokkos::Array<Vec3, 3> vectors{};  // H, rows a, b, c  (3, 3) [length]
  Kokkos::Array<Vec3, 3> inverse{};  // H⁻¹              (3, 3) [1/length]
  Vec3 origin{};                     // (3) [length]
  Vec3 width{};                      // distance between opposite faces along a, b, c  (3) [length]
  double volume = 0;                 // |det H| [length³]
  Kokkos::Array<bool, 3> periodic{true, true, true};

  /// A box from its vectors; throws Error if they are not finite or span no volume. Left-handed vectors are accepted.
  static Box make(const Kokkos::Array<Vec3, 3>& vectors, const Vec3& origin,
                  const Kokkos::Array<bool, 3>& periodic);

  bool fully_periodic() const { return periodic[0] && periodic[1] && periodic[2]; }

  KOKKOS_INLINE_FUNCTION Vec3 fractional(double x, double y, double z) const {
    const double d[3] = {x - origin[0], y - origin[1], z - origin[2]};
    Vec3 s;
    for (int k = 0; k < 3; ++k)
      s[k] = d[0] * inverse[0][k] + d[1] * inverse[1][k] + d[2] * inverse[2][k];
    return s;
  }
  /// s·H without the origin: the displacement that belongs to a fractional difference.
  KOKKOS_INLINE_FUNCTION Vec3 displacement(double sa, double sb, double sc) const {
    Vec3 d;
    for (int k = 0; k < 3; ++k) d[k] = sa * vectors[0][k] + sb * vectors[1][k] + sc * vectors[2][k];
    return d;
  }
  KOKKOS_INLINE_FUNCTION Vec3 cartesian(const Vec3& s) const {
    Vec3 d = displacement(s[0], s[1], s[2]);
    for (int k = 0; k < 3; ++k) d[k] += origin[k];
    return d;
  }
};

}  // namespace r1
