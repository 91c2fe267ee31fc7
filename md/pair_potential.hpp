// PairPotential<Form>: the neighbour loop of every pair form, with its table of parameters by pair of types. On CPUs it walks a
// half list in SIMD (pair_half.hpp), on GPUs a full one (pair_full.hpp); a form is written once.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/pair_full.hpp"
#include "md/pair_half.hpp"
#include "md/thread_forces.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace r1::md {

/// One pair of types. cutoff 0: it does not interact.
template <template <class> class Form>
struct PairEntry {
  Form<double> form{};
  double cutoff = 0;  // [length]
};

/// Rows {cutoff², parameters}, padded to whole Quads. A pair that does not interact gets the first interacting pair's parameters
/// with cutoff² 0: its arithmetic stays finite and is masked.
template <template <class> class Form>
PairTable make_pair_table(const std::vector<PairEntry<Form>>& entries, int types) {
  constexpr int kParameters = sizeof(Form<double>) / sizeof(double);
  static_assert(1 + kParameters <= PairTable::kMaxColumns, "enlarge PairTable::kMaxColumns");
  PairTable table;
  table.types = types;
  table.columns = (1 + kParameters + kQuad - 1) / kQuad * kQuad;
  table.rows = View<double**>("PairTable::rows", entries.size(), table.columns);
  const auto rows = Kokkos::create_mirror_view(table.rows);
  const auto model =
      std::find_if(entries.begin(), entries.end(), [](const auto& e) { return e.cutoff > 0; });
  R1_ASSERT(model != entries.end());
  for (std::size_t p = 0; p < entries.size(); ++p) {
    const auto& form = entries[p].cutoff > 0 ? entries[p].form : model->form;
    rows(p, 0) = entries[p].cutoff * entries[p].cutoff;
    std::memcpy(&rows(p, 1), &form, sizeof form);
  }
  Kokkos::deep_copy(table.rows, rows);
  return table;
}

template <template <class> class Form>
class PairPotential : public Potential {
 public:
  /// entries: (types²), symmetric.
  PairPotential(std::vector<PairEntry<Form>> entries, int types)
      : entries_(std::move(entries)), types_(types), table_(make_pair_table(entries_, types)) {
    for (const auto& e : entries_) cutoff_ = std::max(cutoff_, e.cutoff);
  }

  double cutoff() const override { return cutoff_; }
  bool covers(int a, int b) const override { return entry(a, b).cutoff > 0; }
  const PairEntry<Form>& entry(int a, int b) const {
    return entries_[static_cast<std::size_t>(a * types_ + b)];
  }
  int types() const { return types_; }

  void compute(const Exec& exec, System& system, const NeighborList& list, const Halo&,
               Tally& tally) override {
    using Level = Tally::Level;
    switch (tally.level) {
      case Level::forces:
        return compute_at<Level::forces>(exec, system, list, tally);
      case Level::totals:
        return compute_at<Level::totals>(exec, system, list, tally);
      case Level::per_atom:
        return compute_at<Level::per_atom>(exec, system, list, tally);
    }
  }

 private:
  template <Tally::Level kLevel>
  void compute_at(const Exec& exec, System& system, const NeighborList& list, Tally& tally) {
    // Half lists are walked on hosts only.
    R1_ASSERT(kDeviceIsHost || list.shape == ListShape::full);
    if constexpr (kDeviceIsHost) {
      if (list.shape == ListShape::half) {
        if (types_ == 1) return half<Types::one, kLevel>(exec, system, list, tally);
        return half<Types::many, kLevel>(exec, system, list, tally);
      }
    }
    full<kLevel>(exec, system, list, tally);
  }

  template <Types kTypes, Tally::Level kLevel>
  void half(const Exec& exec, System& system, const NeighborList& list, Tally& tally) {
    if (system.fixed.on())
      half<kTypes, kLevel, Sums::exact>(exec, system, list, tally);
    else
      half<kTypes, kLevel, Sums::plain>(exec, system, list, tally);
  }

  template <Types kTypes, Tally::Level kLevel, Sums kSums>
  void half(const Exec& exec, System& system, const NeighborList& list, Tally& tally) {
    const HalfRows<Form, kTypes, kLevel, kSums> rows{
        system.x().data(),        system.type().data(),     list.begin.data(),
        list.count.data(),        list.entry.data(),        table_,
        tally.atom_energy.data(), tally.atom_virial.data(), system.fixed};
    double* f = system.f().data();
    std::vector<PairSums> sums(static_cast<std::size_t>(ThreadRows::threads(exec)));
    if (kLevel == Tally::Level::per_atom) {
      rows.walk(0, list.atoms, f, sums[0]);
    } else {
      thread_forces_.prepare(exec, system.n_all() + 1, 4);
      ThreadRows::for_each_thread(
          exec, "PairPotential::half", list.atoms, [&](int t, int first, int last) {
            rows.walk(first, last, thread_forces_.of(t, f), sums[static_cast<std::size_t>(t)]);
          });
      thread_forces_.add_to(exec, f);
    }
    for (const auto& s : sums) s.add_to(tally);
  }

  template <Tally::Level kLevel>
  void full(const Exec& exec, System& system, const NeighborList& list, Tally& tally) {
    const FullRows<Form, kLevel> rows{
        system.x(), system.f(),        system.type(),     list,
        table_,     tally.atom_energy, tally.atom_virial, system.fixed};
    PairTotals totals;
    if constexpr (kLevel == Tally::Level::forces) {
      Kokkos::parallel_for("PairPotential::full", Range(exec, 0, list.atoms),
                           ForcesOnly<FullRows<Form, kLevel>>{rows});
    } else {
      Kokkos::parallel_reduce("PairPotential::full", Range(exec, 0, list.atoms), rows,
                              Kokkos::Sum<PairTotals>(totals));
      add_to(tally, totals);
    }
  }

  std::vector<PairEntry<Form>> entries_;  // (types²)
  int types_;
  double cutoff_ = 0;
  PairTable table_;
  ThreadRows thread_forces_;
};

}  // namespace r1::md
