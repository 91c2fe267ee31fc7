// The embedded-atom method: densities, embedding energies, forces. On half lists the densities of ghosts go back to their owners
// before these embed them; the slopes of the embedding energies go out to the ghosts before the forces.
// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/eam.hpp"

#include "md/potentials/eam_full.hpp"
#include "md/potentials/eam_half.hpp"
#include "md/thread_forces.hpp"

#include <algorithm>
#include <cmath>

namespace r1::md {
namespace {

using Level = Tally::Level;

/// Rows of the functions' splines, one after another.
View<double* [4]> spline_rows(const char* label, const std::vector<EamTables::Function>& functions,
                              double scale) {
  std::vector<double> rows;
  rows.reserve(functions.size() * functions[0].size() * 4);
  for (const auto& f : functions) append_spline(f, scale, rows);
  const View<double* [4]> view(label, rows.size() / 4);
  const auto host = Kokkos::create_mirror_view(view);
  std::copy(rows.begin(), rows.end(), host.data());
  Kokkos::deep_copy(view, host);
  return view;
}

View<int*> first_rows(const char* label, const std::vector<int>& kind_of, int rows) {
  const View<int*> view(label, kind_of.size());
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t k = 0; k < kind_of.size(); ++k) host(k) = kind_of[k] * rows;
  Kokkos::deep_copy(view, host);
  return view;
}

EamSplines make_splines(const EamTables& t, double energy_unit) {
  EamSplines s;
  s.embedding = spline_rows("EamSplines::embedding", t.embedding, energy_unit);
  s.density = spline_rows("EamSplines::density", t.density, 1);
  s.pair = spline_rows("EamSplines::pair", t.pair, energy_unit);
  s.density_first = first_rows("EamSplines::density_first", t.density_of, t.n_r - 1);
  s.pair_first = first_rows("EamSplines::pair_first", t.pair_of, t.n_r - 1);
  s.types = t.types;
  s.rho_intervals = t.n_rho - 1;
  s.r_last = t.n_r - 2;
  s.per_rho = 1 / t.d_rho;
  s.per_r = 1 / t.d_r;
  s.rho_end = (t.n_rho - 1) * t.d_rho;
  s.cutoff2 = t.cutoff * t.cutoff;
  return s;
}

/// Embeds local atoms: slope(i) = F'(rho_i); returns the sum of F of this rank, also added per atom if asked for.
template <Level kLevel>
WideSums<1> embed(const Exec& exec, const EamSplines& splines, const System& system,
                  View<double*> rho, View<double**> slope, View<double*> atom_energy) {
  WideSums<1> total;
  const auto type = system.type();
  const auto fixed = system.fixed;
  Kokkos::parallel_reduce(
      "Eam::embed", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, WideSums<1>& sum)->void {
        double s;
        const double energy = rounded(splines.embed(type(i), rho(i), s), fixed.fine);
        slope(i, 0) = s;
        sum.add(0, energy, fixed);
        if (kLevel == Level::per_atom) atom_energy(i) += energy;
      },
      Kokkos::Sum<WideSums<1>>(total));
  return total;
}

/// Rows of position and slope: one load a neighbour in the force pass.
void pack(const Exec& exec, int rows, Quads x, View<double**> slope, Quads xs) {
  Kokkos::parallel_for(
      "Eam::pack", Range(exec, 0, rows), KOKKOS_LAMBDA(int i)->void {
        for (int d = 0; d < 3; ++d) xs(i, d) = x(i, d);
        xs(i, 3) = slope(i, 0);
      });
}

class Eam final : public Potential {
 public:
  Eam(const EamTables& tables, double energy_unit)
      : splines_(make_splines(tables, energy_unit)), cutoff_(tables.cutoff) {}

  double cutoff() const override { return cutoff_; }
  bool covers(int, int) const override { return true; }

  void compute(const Exec& exec, System& system, const NeighborList& list, const Halo& halo,
               Tally& tally) override {
    reserve(exec, system.n_all() + 1);
    switch (tally.level) {
      case Level::forces:
        return compute_at<Level::forces>(exec, system, list, halo, tally);
      case Level::totals:
        return compute_at<Level::totals>(exec, system, list, halo, tally);
      case Level::per_atom:
        return compute_at<Level::per_atom>(exec, system, list, halo, tally);
    }
  }

 private:
  void reserve(const Exec& exec, int rows) {
    if (rho_.extent_int(0) >= rows) return;
    const int room = rows + rows / 16 + 16;
    rho_ = uninitialized<View<double*>>(exec, "Eam::rho", room);
    slope_ = uninitialized<View<double**>>(exec, "Eam::slope", room, 1);
    xs_ = uninitialized<Quads>(exec, "Eam::xs", room);
  }

  template <Level kLevel>
  void compute_at(const Exec& exec, System& system, const NeighborList& list, const Halo& halo,
                  Tally& tally) {
    const bool half = list.shape == ListShape::half;
    const int rows = system.n_all() + 1;
    R1_ASSERT(kDeviceIsHost || !half);  // half lists are walked on hosts only
    Kokkos::deep_copy(exec, rho_, 0.0);
    if (!half)
      Kokkos::parallel_for(
          "Eam::densities", Range(exec, 0, list.atoms),
          EamFullDensities{splines_, system.x(), system.type(), list, rho_, density_magic(system)});
    if constexpr (kDeviceIsHost) {
      if (half) {
        with_rows(list, system, [&](const auto& r) { half_densities(exec, r, system, list); });
        halo.reverse_add(exec, View<double**>(rho_.data(), rows, 1));
      }
    }
    const auto embedded = embed<kLevel>(exec, splines_, system, rho_, slope_, tally.atom_energy);
    if (kLevel != Level::forces) {
      tally.energy += embedded.upper[0];
      tally.energy_rest += embedded.rest[0];
    }
    halo.forward(exec, slope_);
    clear_filler(exec, rows - 1);
    pack(exec, rows, system.x(), slope_, xs_);
    if (!half) full_forces<kLevel>(exec, system, list, tally);
    if constexpr (kDeviceIsHost) {
      if (half)
        with_rows(list, system,
                  [&](const auto& r) { half_forces<kLevel>(exec, r, system, list, tally); });
    }
  }

  /// The filler has no embedding energy, and its lanes are masked: its slope need only be finite.
  void clear_filler(const Exec& exec, int row) const {
    Kokkos::deep_copy(exec, Kokkos::subview(slope_, row, Kokkos::ALL), 0.0);
  }

  template <class Body>
  void with_rows(const NeighborList& list, const System& system, const Body& body) {
    if (near_begin_.extent(0) < list.begin.extent(0)) {
      near_begin_ =
          uninitialized<View<std::int64_t*>>(Exec(), "Eam::near_begin", list.begin.extent(0));
      near_count_ = uninitialized<View<int*>>(Exec(), "Eam::near_count", list.begin.extent(0));
    }
    // The same room as the list, of which memory only as much is touched as near neighbours take.
    if (near_.extent(0) < list.entry.extent(0)) {
      near_ = View<int*>();
      near_ = uninitialized<View<int*>>(Exec(), "Eam::near", list.entry.extent(0));
    }
    const bool exact = system.fixed.on();
    if (splines_.types == 1)
      exact ? body(rows_of<Types::one, Sums::exact>(list, system))
            : body(rows_of<Types::one, Sums::plain>(list, system));
    else
      exact ? body(rows_of<Types::many, Sums::exact>(list, system))
            : body(rows_of<Types::many, Sums::plain>(list, system));
  }
  template <Types kTypes, Sums kSums>
  EamHalfRows<kTypes, kSums> rows_of(const NeighborList& list, const System& system) const {
    return {splines_,          system.type().data(), list.begin.data(),    list.count.data(),
            list.entry.data(), near_begin_.data(),   near_count_.data(),   near_.data(),
            list.filler,       system.fixed,         density_magic(system)};
  }
  /// Densities are exact up to 64 times the end of the embedding function's table.
  double density_magic(const System& system) const {
    return system.fixed.on() ? magic_of(std::ldexp(1.0, std::ilogb(splines_.rho_end) + 7 - 53)) : 0;
  }

  template <class Rows>
  void half_densities(const Exec& exec, const Rows& rows, System& system,
                      const NeighborList& list) {
    const double* x = system.x().data();
    double* rho = rho_.data();
    thread_densities_.prepare(exec, system.n_all() + 1, 1);
    ThreadRows::for_each_thread(
        exec, "Eam::densities", list.atoms, [&](int t, int first, int last) {
          rows.densities(first, last, x, rows.entries(0, first), thread_densities_.of(t, rho));
        });
    thread_densities_.add_to(exec, rho);
  }

  template <Level kLevel, class Rows>
  void half_forces(const Exec& exec, const Rows& rows, System& system, const NeighborList& list,
                   Tally& tally) {
    double* f = system.f().data();
    std::vector<PairSums> sums(static_cast<std::size_t>(ThreadRows::threads(exec)));
    if (kLevel == Level::per_atom) {
      rows.template forces<kLevel>(0, list.atoms, xs_.data(), f, tally, sums[0]);
    } else {
      thread_forces_.prepare(exec, system.n_all() + 1, 4);
      ThreadRows::for_each_thread(exec, "Eam::forces", list.atoms, [&](int t, int first, int last) {
        rows.template forces<kLevel>(first, last, xs_.data(), thread_forces_.of(t, f), tally,
                                     sums[static_cast<std::size_t>(t)]);
      });
      thread_forces_.add_to(exec, f);
    }
    for (const auto& s : sums) s.add_to(tally);
  }

  template <Level kLevel>
  void full_forces(const Exec& exec, System& system, const NeighborList& list, Tally& tally) {
    const EamFullForces<kLevel> rows{splines_,          xs_,         system.f(),
                                     system.type(),     list,        tally.atom_energy,
                                     tally.atom_virial, system.fixed};
    if constexpr (kLevel == Level::forces) {
      Kokkos::parallel_for("Eam::forces", Range(exec, 0, list.atoms), rows);
    } else {
      PairTotals totals;
      Kokkos::parallel_reduce("Eam::forces", Range(exec, 0, list.atoms), rows,
                              Kokkos::Sum<PairTotals>(totals));
      add_to(tally, totals);
    }
  }

  EamSplines splines_;
  double cutoff_;
  View<double*> rho_;               // (n_all + 1)
  View<double**> slope_;            // (n_all + 1, 1) F'
  Quads xs_;                        // (n_all + 1, 4) position and F'
  View<std::int64_t*> near_begin_;  // (n_local) of the compact list of near neighbours
  View<int*> near_count_;           // (n_local)
  View<int*> near_;
  ThreadRows thread_densities_, thread_forces_;
};

}  // namespace

std::unique_ptr<Potential> make_eam(const EamTables& tables, double energy_unit) {
  return std::make_unique<Eam>(tables, energy_unit);
}

}  // namespace r1::md
