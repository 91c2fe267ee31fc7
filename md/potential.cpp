// SPDX-License-Identifier: Apache-2.0
#include "md/potential.hpp"

#include <algorithm>
#include <limits>

namespace r1::md {

double ForceField::shortest_cutoff() const {
  double shortest = std::numeric_limits<double>::infinity();
  for (const auto& p : potentials_) shortest = std::min(shortest, p->cutoff());
  return shortest;
}

double ForceField::cutoff() const {
  double longest = 0;
  for (const auto& p : potentials_) longest = std::max(longest, p->cutoff());
  return longest;
}

std::vector<ListRequest> ForceField::requests() const {
  std::vector<ListRequest> all;
  for (const auto& p : potentials_) all.push_back(p->request());
  return all;
}

void ForceField::compute(const Exec& exec, System& system, const NeighborList& list,
                         const Halo& halo, Tally& tally) {
  const int rows = system.n_all() + 1;  // the filler collects zeros
  const auto f = system.f();
  Kokkos::deep_copy(exec, Kokkos::subview(f, std::pair<int, int>(0, rows), Kokkos::ALL), 0.0);
  tally.energy = tally.energy_rest = 0;
  tally.virial = tally.virial_rest = {};
  if (tally.level == Tally::Level::per_atom) {
    tally.atom_energy = View<double*>("Tally::atom_energy", rows);
    tally.atom_virial = View<double* [9]>("Tally::atom_virial", rows);
  }
  for (const auto& p : potentials_) p->compute(exec, system, list, halo, tally);
  if (kPairShape == ListShape::full) return;  // full lists leave nothing on ghosts
  halo.reverse_add(exec, f);
  if (tally.level != Tally::Level::per_atom) return;
  halo.reverse_add(exec, View<double**>(tally.atom_energy.data(), rows, 1));
  halo.reverse_add(exec, tally.atom_virial);
}

Potential::Tail ForceField::tail(const std::vector<std::int64_t>& counts, double volume) const {
  Potential::Tail sum;
  for (const auto& p : potentials_) {
    const auto t = p->tail(counts, volume);
    sum.energy += t.energy;
    sum.virial_trace_third += t.virial_trace_third;
  }
  return sum;
}

}  // namespace r1::md
