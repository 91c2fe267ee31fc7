// Walks a full list, one atom a thread: the kernels of GPUs. Each pair is computed from both sides, so nothing is scattered.
// Runs on every backend; on CPUs it is the plain counterpart that tests hold against the SIMD kernel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/pair_full.hpp"
#include "md/potentials/eam_splines.hpp"

namespace r1::md {

struct EamFullDensities {
  EamSplines splines;
  Quads x;
  View<std::int32_t*> type;
  NeighborList list;
  View<double*> rho;  // (n_all + 1)
  double magic;       // of densities; 0: plain arithmetic

  KOKKOS_INLINE_FUNCTION void operator()(int i) const {
    double sum = 0;
    for (int k = 0; k < list.count(i); ++k) {
      const int j = list.neighbor(i, k);
      const double dx = x(i, 0) - x(j, 0), dy = x(i, 1) - x(j, 1), dz = x(i, 2) - x(j, 2);
      const double r2 = dx * dx + dy * dy + dz * dz;
      if (!(r2 < splines.cutoff2)) continue;
      double p;
      const int m = splines.interval(Kokkos::sqrt(r2), p);
      const double* c =
          &splines.density(splines.density_first(type(j) * splines.types + type(i)) + m, 0);
      sum += rounded(((c[3] * p + c[2]) * p + c[1]) * p + c[0], magic);
    }
    rho(i) = sum;
  }
};

template <Tally::Level kLevel>
struct EamFullForces {
  EamSplines splines;
  Quads xs, f;  // xs: rows of position and slope F' of the atom's embedding
  View<std::int32_t*> type;
  NeighborList list;
  View<double*> atom_energy;
  View<double* [9]> atom_virial;
  FixedPoint fixed;

  static KOKKOS_INLINE_FUNCTION double slope(const double* c, double p) {
    return (3.0 * c[3] * p + 2.0 * c[2]) * p + c[1];
  }
  KOKKOS_INLINE_FUNCTION PairValue<double> pair_of(int i, int j, double r2) const {
    const double r = Kokkos::sqrt(r2), inverse = 1.0 / r;
    double p;
    const int m = splines.interval(r, p);
    const int ji = type(j) * splines.types + type(i), ij = type(i) * splines.types + type(j);
    const double by_j =
        slope(&splines.density(splines.density_first(ji) + m, 0), p) * splines.per_r;
    const double by_i =
        slope(&splines.density(splines.density_first(ij) + m, 0), p) * splines.per_r;
    const double* z2 = &splines.pair(splines.pair_first(ji) + m, 0);
    const double phi = (((z2[3] * p + z2[2]) * p + z2[1]) * p + z2[0]) * inverse;
    const double phi_slope = (slope(z2, p) * splines.per_r - phi) * inverse;
    return {phi, -(xs(i, 3) * by_j + xs(j, 3) * by_i + phi_slope) * inverse};
  }

  KOKKOS_INLINE_FUNCTION void operator()(int i, PairTotals& totals) const {
    double force[3] = {0, 0, 0};
    AtomSums own;
    for (int k = 0; k < list.count(i); ++k) {
      const int j = list.neighbor(i, k);
      const double d[3] = {xs(i, 0) - xs(j, 0), xs(i, 1) - xs(j, 1), xs(i, 2) - xs(j, 2)};
      const double r2 = d[0] * d[0] + d[1] * d[1] + d[2] * d[2];
      if (!(r2 < splines.cutoff2)) continue;
      const PairValue<double> pair = pair_of(i, j, r2);
      const double g[3] = {rounded(pair.g * d[0], fixed.force), rounded(pair.g * d[1], fixed.force),
                           rounded(pair.g * d[2], fixed.force)};
      for (int a = 0; a < 3; ++a) force[a] += g[a];
      if constexpr (kLevel != Tally::Level::forces) own.add(pair.u, d, g, fixed.fine);
    }
    for (int a = 0; a < 3; ++a) f(i, a) += force[a];
    if constexpr (kLevel == Tally::Level::per_atom) {
      atom_energy(i) += own.energy;
      for (int c = 0; c < 9; ++c) atom_virial(i, c) += own.virial[c];
    }
    if constexpr (kLevel != Tally::Level::forces) own.add_to(totals, fixed);
  }
  /// Without a reduction.
  KOKKOS_INLINE_FUNCTION void operator()(int i) const {
    PairTotals unused;
    (*this)(i, unused);
  }
};

}  // namespace r1::md
