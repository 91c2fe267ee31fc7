// Walks a full list, one atom a thread: the kernel of GPUs. Each pair is computed from both sides, so nothing is scattered.
// Runs on every backend; on CPUs it is the plain counterpart that tests hold against the SIMD kernel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/pair_form.hpp"

namespace r1::md {

/// Energy and virial (row-major) of a reduction over atoms.
using PairTotals = WideSums<10>;

inline void add_to(Tally& tally, const PairTotals& totals) {
  tally.energy += totals.upper[0];
  tally.energy_rest += totals.rest[0];
  for (int c = 0; c < 9; ++c) {
    tally.virial[c] += totals.upper[1 + c];
    tally.virial_rest[c] += totals.rest[1 + c];
  }
}

/// Those of one atom's pairs: halves of theirs.
struct AtomSums {
  double energy = 0;
  double virial[9] = {0, 0, 0, 0, 0, 0, 0, 0, 0};

  KOKKOS_INLINE_FUNCTION void add(double u, const double (&d)[3], const double (&g)[3],
                                  double fine) {
    energy += 0.5 * rounded(u, fine);
    for (int a = 0; a < 3; ++a)
      for (int b = 0; b < 3; ++b) virial[3 * a + b] += 0.5 * rounded(d[a] * g[b], fine);
  }
  KOKKOS_INLINE_FUNCTION void add_to(PairTotals& totals, const FixedPoint& fixed) const {
    // Halves: a quantum finer than the pairs' own.
    totals.add(0, energy, half_as_fine(fixed));
    for (int c = 0; c < 9; ++c) totals.add(1 + c, virial[c], half_as_fine(fixed));
  }
  static KOKKOS_INLINE_FUNCTION FixedPoint half_as_fine(FixedPoint fixed) {
    fixed.fine *= 0.5;
    return fixed;
  }
};

template <template <class> class Form, Tally::Level kLevel>
struct FullRows {
  Quads x, f;
  View<std::int32_t*> type;
  NeighborList list;
  PairTable table;
  View<double*> atom_energy;
  View<double* [9]> atom_virial;
  FixedPoint fixed;

  static KOKKOS_INLINE_FUNCTION Form<double> form_of(const double* row) {
    Form<double> form;
    double* parameter = reinterpret_cast<double*>(&form);
    for (std::size_t c = 0; c < sizeof form / sizeof(double); ++c) parameter[c] = row[1 + c];
    return form;
  }

  KOKKOS_INLINE_FUNCTION void operator()(int i, PairTotals& totals) const {
    const double xi = x(i, 0), yi = x(i, 1), zi = x(i, 2);
    double fx = 0, fy = 0, fz = 0;
    AtomSums own;
    for (int k = 0; k < list.count(i); ++k) {
      const int j = list.neighbor(i, k);
      const double dx = xi - x(j, 0), dy = yi - x(j, 1), dz = zi - x(j, 2);
      const double r2 = dx * dx + dy * dy + dz * dz;
      const double* row = table.row(type(i), type(j));
      if (!(r2 < row[0])) continue;
      const auto pair = form_of(row)(r2);
      const double g[3] = {rounded(pair.g * dx, fixed.force), rounded(pair.g * dy, fixed.force),
                           rounded(pair.g * dz, fixed.force)};
      fx += g[0];
      fy += g[1];
      fz += g[2];
      if constexpr (kLevel != Tally::Level::forces) own.add(pair.u, {dx, dy, dz}, g, fixed.fine);
    }
    f(i, 0) += fx;
    f(i, 1) += fy;
    f(i, 2) += fz;
    if constexpr (kLevel == Tally::Level::per_atom) {
      atom_energy(i) += own.energy;
      for (int c = 0; c < 9; ++c) atom_virial(i, c) += own.virial[c];
    }
    if constexpr (kLevel != Tally::Level::forces) own.add_to(totals, fixed);
  }
};

/// The same without a reduction.
template <class Rows>
struct ForcesOnly {
  Rows rows;
  KOKKOS_INLINE_FUNCTION void operator()(int i) const {
    PairTotals unused;
    rows(i, unused);
  }
};

}  // namespace r1::md
