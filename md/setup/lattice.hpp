// Perfect lattices of cubic crystals. A site has coordinates (cell + basis)·a; cells count along a fastest, then b, then c, and
// id = 1 + sites per cell · ((k·nb + j)·na + i) + basis site, so that ids do not depend on ranks. Every rank makes the sites of
// its own brick, on the device, without temporaries.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/decomposition.hpp"
#include "md/system.hpp"

#include <string_view>

namespace r1::md {

/// Sites of the conventional cubic cell, in units of its edge.
struct LatticeBasis {
  int sites = 0;
  Kokkos::Array<Vec3, 8> site{};
};
/// "sc" (1 site), "bcc" (2), "fcc" (4), "diamond" (8); Error for any other.
LatticeBasis lattice_basis(std::string_view type);

struct Lattice {
  LatticeBasis basis;
  double constant = 0;   // edge of the cubic cell [length]
  Int3 repeat{1, 1, 1};  // cells along a, b, c
  int type = 0;          // species on all sites

  std::int64_t sites() const {
    return std::int64_t{basis.sites} * repeat[0] * repeat[1] * repeat[2];
  }
  /// Edge at which the lattice has `density` [1/length³].
  static double constant_at(const LatticeBasis& basis, double density);
};

/// The orthogonal cell that holds the lattice, its corner at 0.
Box lattice_box(const Lattice& lattice, const Kokkos::Array<bool, 3>& periodic);

/// Fills `system`, which has no atoms yet and whose box is the lattice's, with the sites of this rank's brick.
void create_lattice(const Exec& exec, const Lattice& lattice, const Decomposition& decomposition,
                    System& system);

}  // namespace r1::md
