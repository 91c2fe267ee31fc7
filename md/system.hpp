// System: the box, the species and the atoms of one rank. Row i < n_local is a local atom, then n_ghost ghosts (copies of atoms
// of this or other ranks, displaced by a whole number of cells), then the filler: an atom far from everything.
// Vectors per atom are rows of four doubles (x, y, z, unused): one aligned SIMD load on a CPU, two on a GPU.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/box.hpp"
#include "core/cells.hpp"
#include "core/units.hpp"
#include "md/fields.hpp"
#include "md/fixed_point.hpp"

#include <string>
#include <vector>

namespace r1::md {

using Quads = View<double* [4]>;

struct Species {
  std::string name;
  double mass = 0;  // [mass]
};

/// Distance from everything at which the filler lies; its square is finite, its inverse powers vanish.
inline constexpr double kFillerPosition = 1e10;

struct System {
  explicit System(const Units& units);

  Units units;
  Box box;
  std::vector<Species> species;  // (types)
  View<double*> inverse_mass;    // (types) [1/mass]; set_species() fills it
  View<double*> mass;            // (types)

  int n_local = 0;
  int n_ghost = 0;
  std::int64_t n_global = 0;  // atoms of all ranks

  /// Degrees of freedom of the whole system: 3N, less 3 where total momentum is conserved; never below 0.
  double degrees_of_freedom = 0;

  /// All 0 unless to_fixed_point() was called.
  FixedPoint fixed;

  Fields fields;
  FieldHandle<double, 4> position;     // [length]
  FieldHandle<double, 4> velocity;     // [velocity]
  FieldHandle<double, 4> force;        // [energy/length]; also on ghosts, until they are returned
  FieldHandle<std::int64_t, 1> id_;    // > 0, unique over all ranks
  FieldHandle<std::int32_t, 1> type_;  // index into species
  FieldHandle<std::int32_t, 3>
      image_;  // cells crossed along a, b, c: unwrapped position = x + image·H

  Quads x() const { return fields.view(position); }
  Quads v() const { return fields.view(velocity); }
  Quads f() const { return fields.view(force); }
  View<std::int64_t*> id() const;
  View<std::int32_t*> type() const;
  View<std::int32_t* [3]> image() const { return fields.view(image_); }

  int n_all() const {
    return n_local + n_ghost;
  }
  void set_species(std::vector<Species> list);
  /// From now on results do not depend on ranks and threads: rounds the cell vectors and local positions, by 2^-49 of the cell.
  void to_fixed_point(const Exec& exec);
};

}  // namespace r1::md
