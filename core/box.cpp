// SPDX-License-Identifier: Apache-2.0
#include "core/box.hpp"

#include "core/error.hpp"

#include <string>

namespace r1 {

Box Box::make(const Kokkos::Array<Vec3, 3>& vectors, const Vec3& origin,
              const Kokkos::Array<bool, 3>& periodic) {
  Box box;
  box.vectors = vectors;
  box.origin = origin;
  box.periodic = periodic;
  const Vec3 faces[3] = {cross(vectors[1], vectors[2]), cross(vectors[2], vectors[0]),
                         cross(vectors[0], vectors[1])};
  const double determinant = dot(vectors[0], faces[0]);
  box.volume = std::abs(determinant);
  double longest = 0;
  for (const auto& v : vectors) longest = std::fmax(longest, std::sqrt(dot(v, v)));
  // A flat cell: its volume is lost in the rounding of its vectors.
  if (!(box.volume > 1e-12 * longest * longest * longest) || !std::isfinite(box.volume))
    throw Error("the cell vectors span no volume (|det| = " + std::to_string(box.volume) +
                "); three finite, linearly independent vectors are needed");
  for (int d = 0; d < 3; ++d) {
    box.width[d] = box.volume / std::sqrt(dot(faces[d], faces[d]));
    for (int k = 0; k < 3; ++k) box.inverse[k][d] = faces[d][k] / determinant;
  }
  return box;
}

}  // namespace r1
