// Walks a packed half list on a CPU, four pairs at a time. A list with a skin holds nearly as many pairs beyond the cutoff as
// within it: the density pass keeps each row's near neighbours in a compact list, which is all that the force pass walks.
// Both lists' rows are padded with the filler, so there is no remainder loop; its lanes are masked to exact zeros.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/quad.hpp"
#include "md/pair_form.hpp"
#include "md/pair_half.hpp"
#include "md/potentials/eam_splines.hpp"

#include <vector>

namespace r1::md {

using IntQuad = std::int32_t __attribute__((vector_size(16)));

inline Quad smaller(Quad a, Quad b) { return select(a < b, a, b); }

template <Types kTypes, Sums kSums>
struct EamHalfRows {
  EamSplines splines;
  const std::int32_t* type;   // (n_all + 1)
  const std::int64_t* begin;  // (n_local) of the list
  const int* count;           // (n_local)
  const int* entry;
  std::int64_t* near_begin;  // (n_local) of the compact list
  int* near_count;           // (n_local) without padding
  int* near;
  int filler;
  FixedPoint fixed;
  double density_magic;

  static constexpr bool kExact = kSums == Sums::exact;

  struct Intervals {
    IntQuad row;
    Quad p;  // fraction
  };
  Intervals intervals(Quad r) const {
    const Quad at = r * splines.per_r;
    const IntQuad row = __builtin_convertvector(smaller(at, quad(splines.r_last)), IntQuad);
    return {row, smaller(at - __builtin_convertvector(row, Quad), quad(1))};
  }

  struct Cubic {
    Quad c0, c1, c2, c3;
    Quad value(Quad p) const { return ((c3 * p + c2) * p + c1) * p + c0; }
    Quad slope(Quad p) const { return (3.0 * c3 * p + 2.0 * c2) * p + c1; }  // per interval
  };
  /// Rows row[l] of the functions that start at first[l].
  static Cubic cubic(const double* table, const std::int64_t (&first)[kQuad], IntQuad row) {
    Cubic c{load(table + 4 * (first[0] + row[0])), load(table + 4 * (first[1] + row[1])),
            load(table + 4 * (first[2] + row[2])), load(table + 4 * (first[3] + row[3]))};
    transpose(c.c0, c.c1, c.c2, c.c3);
    return c;
  }
  /// of(l): pair of types of lane l.
  template <class Of>
  static Cubic cubic_of(const View<double* [4]>& table, const View<int*>& first, IntQuad row,
                        Of of) {
    if constexpr (kTypes == Types::one) return cubic(table.data(), {0, 0, 0, 0}, row);
    const int* start = first.data();
    return cubic(table.data(), {start[of(0)], start[of(1)], start[of(2)], start[of(3)]}, row);
  }

  /// Sum of padded rows of [first, last): where a thread's part of the compact list starts and ends.
  std::int64_t entries(int first, int last) const {
    std::int64_t sum = 0;
    for (int i = first; i < last; ++i) sum += (count[i] + kQuad - 1) / kQuad * kQuad;
    return sum;
  }

  /// Writes row i of the compact list to `kept` and its squared distances to `distance2`, both padded; returns its length.
  int keep_near(int i, const double* x, int* __restrict kept,
                std::vector<double>& distances) const {
    const int n = count[i];
    const int* row = entry + begin[i];
    if (distances.size() < static_cast<std::size_t>(n) + kQuad)
      distances.resize(2 * (static_cast<std::size_t>(n) + kQuad));
    double* distance2 = distances.data();
    const Quad xi = quad(x[4 * i]), yi = quad(x[4 * i + 1]), zi = quad(x[4 * i + 2]);
    for (int k = 0; k < n; k += kQuad) {
      Quad xj, yj, zj, unused;
      gather_rows(x, {row[k], row[k + 1], row[k + 2], row[k + 3]}, xj, yj, zj, unused);
      const Quad dx = xi - xj, dy = yi - yj, dz = zi - zj;
      store(distance2 + k, dx * dx + dy * dy + dz * dz);
    }
    int m = 0;
    for (int k = 0; k < n; ++k) {
      const double r2 = distance2[k];
      distance2[m] = r2;
      kept[m] = row[k];
      m += r2 < splines.cutoff2;
    }
    for (int k = m; k % kQuad != 0; ++k) {
      distance2[k] = kFillerPosition * kFillerPosition;
      kept[k] = filler;
    }
    return m;
  }

  /// Adds densities to rho; the compact rows go to [at, ...).
  void densities(int first, int last, const double* x, std::int64_t at,
                 double* __restrict rho) const {
    std::vector<double> distances;
    for (int i = first; i < last; ++i) {
      int* kept = near + at;
      const int n = keep_near(i, x, kept, distances);
      near_begin[i] = at;
      near_count[i] = n;
      at += (n + kQuad - 1) / kQuad * kQuad;
      Quad at_i = quad(0);
      for (int k = 0; k < n; k += kQuad) {
        const Quad r2 = load(distances.data() + k);
        const QuadMask inside = r2 < quad(splines.cutoff2);
        const auto [row, p] = intervals(square_root(r2));
        const int* j = kept + k;
        const int types = splines.types;
        const auto from_j = [&](int l) { return type[j[l]] * types + type[i]; };
        const auto from_i = [&](int l) { return type[i] * types + type[j[l]]; };
        const Quad by_j = density_of(inside, row, p, from_j);
        at_i += by_j;
        Quad by_i = by_j;
        if constexpr (kTypes == Types::many) by_i = density_of(inside, row, p, from_i);
        for (int l = 0; l < kQuad; ++l) rho[j[l]] += by_i[l];
      }
      rho[i] += sum(at_i);
    }
  }

  template <class Of>
  Quad density_of(QuadMask inside, IntQuad row, Quad p, Of of) const {
    const Quad value = cubic_of(splines.density, splines.density_first, row, of).value(p);
    if constexpr (kExact) return only(inside, rounded(value, quad(density_magic)));
    return only(inside, value);
  }

  /// Adds forces. xs: rows of position and slope F' of the atom's embedding.
  // Long: cutting the loop would hide what stays in registers.
  template <Tally::Level kLevel>
  void forces(int first, int last, const double* xs, double* __restrict f, const Tally& tally,
              PairSums& sums) const {
    Quad energy = quad(0), virial[6] = {energy, energy, energy, energy, energy, energy};
    const Rounding<kSums> rounding(fixed);
    for (int i = first; i < last; ++i) {
      const Quad xi = quad(xs[4 * i]), yi = quad(xs[4 * i + 1]), zi = quad(xs[4 * i + 2]);
      const Quad si = quad(xs[4 * i + 3]);
      Quad fx = quad(0), fy = fx, fz = fx;
      for (int k = 0; k < near_count[i]; k += kQuad) {
        const int* near_j = near + near_begin[i] + k;
        const std::int64_t j[kQuad] = {near_j[0], near_j[1], near_j[2], near_j[3]};
        Quad xj, yj, zj, sj;
        gather_rows(xs, j, xj, yj, zj, sj);
        const Quad dx = xi - xj, dy = yi - yj, dz = zi - zj;
        const Quad r2 = dx * dx + dy * dy + dz * dz;
        const QuadMask inside = r2 < quad(splines.cutoff2);
        const PairValue<Quad> pair = pair_of(i, near_j, r2, si, sj);
        const Quad g = only(inside, pair.g);
        const Quad gx = rounding.force(g * dx), gy = rounding.force(g * dy),
                   gz = rounding.force(g * dz);
        fx += gx;
        fy += gy;
        fz += gz;
        if constexpr (kLevel != Tally::Level::forces) {
          const Quad u = rounding.fine(only(inside, pair.u));
          const Quad terms[6] = {rounding.fine(dx * gx), rounding.fine(dy * gy),
                                 rounding.fine(dz * gz), rounding.fine(dx * gy),
                                 rounding.fine(dx * gz), rounding.fine(dy * gz)};
          energy += u;
          for (int c = 0; c < 6; ++c) virial[c] += terms[c];
          if constexpr (kLevel == Tally::Level::per_atom)
            share_pairs(i, j, u, terms, tally.atom_energy.data(), tally.atom_virial.data());
        }
        subtract_rows(f, j, gx, gy, gz);
      }
      f[4 * i] += sum(fx);
      f[4 * i + 1] += sum(fy);
      f[4 * i + 2] += sum(fz);
      if constexpr (kExact && kLevel != Tally::Level::forces) {
        sums.add(energy, virial, fixed);
        energy = quad(0);
        for (auto& v : virial) v = quad(0);
      }
    }
    if constexpr (!kExact) sums.add(energy, virial, fixed);
  }

  /// phi and −(F_i' rho_ji' + F_j' rho_ij' + phi')/r.
  PairValue<Quad> pair_of(int i, const int* j, Quad r2, Quad si, Quad sj) const {
    const Quad r = square_root(r2), inverse = 1.0 / r;
    const auto [row, p] = intervals(r);
    const int types = splines.types;
    const auto from_j = [&](int l) { return type[j[l]] * types + type[i]; };
    const auto from_i = [&](int l) { return type[i] * types + type[j[l]]; };
    const Quad by_j =
        cubic_of(splines.density, splines.density_first, row, from_j).slope(p) * splines.per_r;
    Quad bonds = (si + sj) * by_j;
    if constexpr (kTypes == Types::many)
      bonds =
          si * by_j + sj * (cubic_of(splines.density, splines.density_first, row, from_i).slope(p) *
                            splines.per_r);
    const Cubic z2 = cubic_of(splines.pair, splines.pair_first, row, from_j);
    const Quad phi = z2.value(p) * inverse;
    const Quad phi_slope = (z2.slope(p) * splines.per_r - phi) * inverse;
    return {phi, -(bonds + phi_slope) * inverse};
  }
};

}  // namespace r1::md
