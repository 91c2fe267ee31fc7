// Walks a packed half list on a CPU: four neighbours at a time in one Quad, the pair form evaluated in SIMD, forces on the
// neighbours subtracted row by row. Rows are padded with the filler, so there is no remainder loop; a pair beyond the cutoff is
// masked to exact zeros. With several threads each adds to forces of its own, which are then summed in thread order.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/quad.hpp"
#include "md/pair_form.hpp"

#include <cstring>

namespace r1::md {

/// Energy and virial of the pairs that one thread has seen; the virial as xx, yy, zz, xy, xz, yz.
struct PairSums {
  WideSums<7> sums;

  /// Adds what stands in the lanes.
  void add(const Quad& energy, const Quad (&virial)[6], const FixedPoint& fixed) {
    sums.add(0, sum(energy), fixed);
    for (int c = 0; c < 6; ++c) sums.add(1 + c, sum(virial[c]), fixed);
  }
  void add_to(Tally& tally) const {
    tally.energy += sums.upper[0];
    tally.energy_rest += sums.rest[0];
    for (int c = 0; c < 9; ++c) {
      tally.virial[c] += sums.upper[1 + kSixOfNine[c]];
      tally.virial_rest[c] += sums.rest[1 + kSixOfNine[c]];
    }
  }
  /// Which of the six stands at each place of the full tensor.
  static constexpr int kSixOfNine[9] = {0, 3, 4, 3, 1, 5, 4, 5, 2};
};

/// Half of each pair's energy and virial (as in PairSums) to either atom. Threads would collide here: per-atom sums run on one.
/// energy: (n_all + 1); virial: (n_all + 1, 9).
inline void share_pairs(int i, const std::int64_t (&j)[kQuad], Quad u, const Quad (&terms)[6],
                        double* energy, double* virial) {
  for (int l = 0; l < kQuad; ++l)
    for (const std::int64_t a : {static_cast<std::int64_t>(i), j[l]}) {
      energy[a] += 0.5 * u[l];
      for (int c = 0; c < 9; ++c) virial[9 * a + c] += 0.5 * terms[PairSums::kSixOfNine[c]][l];
    }
}

/// exact: sums do not depend on their order, at the price of rounding each term (md/fixed_point.hpp).
enum class Sums { plain, exact };

/// Rounds what is to be summed, in four lanes; nothing where sums are plain.
template <Sums kSums>
struct Rounding {
  Quad force_magic, fine_magic;

  explicit Rounding(const FixedPoint& fixed)
      : force_magic(quad(fixed.force)), fine_magic(quad(fixed.fine)) {}
  Quad force(Quad v) const {
    if constexpr (kSums == Sums::exact) return rounded(v, force_magic);
    return v;
  }
  Quad fine(Quad v) const {
    if constexpr (kSums == Sums::exact) return rounded(v, fine_magic);
    return v;
  }
};

template <template <class> class Form, Types kTypes, Tally::Level kLevel, Sums kSums>
struct HalfRows {
  const double* x;            // (n_all + 1, 4)
  const std::int32_t* type;   // (n_all + 1)
  const std::int64_t* begin;  // (n_local)
  const int* count;           // (n_local)
  const int* entry;
  PairTable table;
  double* atom_energy;  // (n_all + 1), per_atom only
  double* atom_virial;  // (n_all + 1, 9), per_atom only
  FixedPoint fixed;

  static constexpr bool kTotals = kLevel != Tally::Level::forces;
  static constexpr bool kExact = kSums == Sums::exact;

  struct Lanes {
    Form<Quad> form;
    Quad cutoff2;
  };
  /// Parameters of four pairs, one table row each: gathered and transposed like positions.
  Lanes gather(const double* const (&row)[kQuad]) const {
    Quad columns[PairTable::kMaxColumns];
    for (int c = 0; c < table.columns; c += kQuad) {
      for (int l = 0; l < kQuad; ++l) columns[c + l] = load(row[l] + c);
      transpose(columns[c], columns[c + 1], columns[c + 2], columns[c + 3]);
    }
    return split(columns);
  }
  Lanes broadcast(const double* row) const {
    Quad columns[PairTable::kMaxColumns];
    for (int c = 0; c < table.columns; ++c) columns[c] = quad(row[c]);
    return split(columns);
  }
  static Lanes split(const Quad* columns) {
    static_assert(sizeof(Form<Quad>) == kQuad * sizeof(Form<double>),
                  "all members of a form are T");
    Lanes lanes;
    lanes.cutoff2 = columns[0];
    std::memcpy(&lanes.form, columns + 1, sizeof lanes.form);
    return lanes;
  }

  // Long: the body of one loop, whose values live in registers from load to store.
  void walk(int first, int last, double* __restrict f, PairSums& sums) const {
    Lanes lanes;
    if constexpr (kTypes == Types::one) lanes = broadcast(table.row(0, 0));
    Quad energy = quad(0), virial[6] = {energy, energy, energy, energy, energy, energy};
    const Rounding<kSums> rounding(fixed);
    for (int i = first; i < last; ++i) {
      const Quad xi = quad(x[4 * i]), yi = quad(x[4 * i + 1]), zi = quad(x[4 * i + 2]);
      Quad fx = quad(0), fy = fx, fz = fx;
      const int* row = entry + begin[i];
      for (int k = 0; k < count[i]; k += kQuad) {
        const std::int64_t j[kQuad] = {row[k], row[k + 1], row[k + 2], row[k + 3]};
        Quad xj, yj, zj, unused;
        gather_rows(x, j, xj, yj, zj, unused);
        const Quad dx = xi - xj, dy = yi - yj, dz = zi - zj;
        const Quad r2 = dx * dx + dy * dy + dz * dz;
        if constexpr (kTypes == Types::many) {
          const double* const of[kQuad] = {
              table.row(type[i], type[j[0]]), table.row(type[i], type[j[1]]),
              table.row(type[i], type[j[2]]), table.row(type[i], type[j[3]])};
          lanes = gather(of);
        }
        const auto pair = lanes.form(r2);
        const QuadMask inside = r2 < lanes.cutoff2;
        const Quad g = only(inside, pair.g);
        const Quad gx = rounding.force(g * dx), gy = rounding.force(g * dy),
                   gz = rounding.force(g * dz);
        fx += gx;
        fy += gy;
        fz += gz;
        if constexpr (kTotals) {
          const Quad u = rounding.fine(only(inside, pair.u));
          const Quad terms[6] = {rounding.fine(dx * gx), rounding.fine(dy * gy),
                                 rounding.fine(dz * gz), rounding.fine(dx * gy),
                                 rounding.fine(dx * gz), rounding.fine(dy * gz)};
          energy += u;
          for (int c = 0; c < 6; ++c) virial[c] += terms[c];
          if constexpr (kLevel == Tally::Level::per_atom)
            share_pairs(i, j, u, terms, atom_energy, atom_virial);
        }
        subtract_rows(f, j, gx, gy, gz);
      }
      f[4 * i] += sum(fx);
      f[4 * i + 1] += sum(fy);
      f[4 * i + 2] += sum(fz);
      if constexpr (kExact && kTotals) {
        sums.add(energy, virial, fixed);
        energy = quad(0);
        for (auto& v : virial) v = quad(0);
      }
    }
    if constexpr (!kExact) sums.add(energy, virial, fixed);
  }
};

}  // namespace r1::md
