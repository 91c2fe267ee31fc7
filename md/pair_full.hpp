// Walks a full list, one atom a thread: the kernel of GPUs. Each pair is computed from both sides, so nothing is scattered.
// Runs on every backend; on CPUs it is the plain counterpart that tests hold against the SIMD kernel.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/pair_form.hpp"

namespace r1::md {

/// Sums of a reduction over atoms.
struct PairTotals {
  double energy = 0;
  double virial[9] = {0, 0, 0, 0, 0, 0, 0, 0, 0};

  KOKKOS_INLINE_FUNCTION PairTotals& operator+=(const PairTotals& other) {
    energy += other.energy;
    for (int c = 0; c < 9; ++c) virial[c] += other.virial[c];
    return *this;
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

  static KOKKOS_INLINE_FUNCTION Form<double> form_of(const double* row) {
    Form<double> form;
    double* parameter = reinterpret_cast<double*>(&form);
    for (std::size_t c = 0; c < sizeof form / sizeof(double); ++c) parameter[c] = row[1 + c];
    return form;
  }

  KOKKOS_INLINE_FUNCTION void operator()(int i, PairTotals& totals) const {
    const double xi = x(i, 0), yi = x(i, 1), zi = x(i, 2);
    double fx = 0, fy = 0, fz = 0;
    PairTotals own;
    for (int k = 0; k < list.count(i); ++k) {
      const int j = list.neighbor(i, k);
      const double dx = xi - x(j, 0), dy = yi - x(j, 1), dz = zi - x(j, 2);
      const double r2 = dx * dx + dy * dy + dz * dz;
      const double* row = table.row(type(i), type(j));
      if (!(r2 < row[0])) continue;
      const auto pair = form_of(row)(r2);
      const double gx = pair.g * dx, gy = pair.g * dy, gz = pair.g * dz;
      fx += gx;
      fy += gy;
      fz += gz;
      if constexpr (kLevel != Tally::Level::forces) {
        own.energy += 0.5 * pair.u;
        const double d[3] = {dx, dy, dz}, g[3] = {gx, gy, gz};
        for (int a = 0; a < 3; ++a)
          for (int b = 0; b < 3; ++b) own.virial[3 * a + b] += 0.5 * d[a] * g[b];
      }
    }
    f(i, 0) += fx;
    f(i, 1) += fy;
    f(i, 2) += fz;
    if constexpr (kLevel == Tally::Level::per_atom) {
      atom_energy(i) += own.energy;
      for (int c = 0; c < 9; ++c) atom_virial(i, c) += own.virial[c];
    }
    totals += own;
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

namespace Kokkos {
template <>
struct reduction_identity<r1::md::PairTotals> {
  KOKKOS_FORCEINLINE_FUNCTION static r1::md::PairTotals sum() { return {}; }
};
}  // namespace Kokkos
