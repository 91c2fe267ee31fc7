// What thermodynamics can be read off a state: temperature, energies, pressure tensor. Collective; one message.
//   T = 2K/(dof k)     P_ab = (sum m v_a v_b + sum over pairs r_a f_b)/V, compression positive, tails included.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "core/error.hpp"
#include "md/potential.hpp"
#include "md/system.hpp"

#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace r1::md {

/// Extensive energies of the whole system in the run's units.
struct Thermo {
  double temperature = 0;       // [K]; 0 without degrees of freedom
  double potential_energy = 0;  // with tail corrections
  double kinetic_energy = 0;
  double pressure = 0;                         // trace/3; NaN where a direction is not periodic
  Kokkos::Array<double, 9> pressure_tensor{};  // row-major
  double volume = 0;

  double total_energy() const { return potential_energy + kinetic_energy; }
};

/// What ranks add up in one message: join, reduce, then take the totals.
template <int N>
void join(Reductions& reductions, WideSums<N>& sums, const FixedPoint& fixed) {
  sums.carry(fixed);
  for (int k = 0; k < N; ++k) reductions.sum(sums.upper[k]);
  for (int k = 0; k < N && fixed.on(); ++k) reductions.sum(sums.rest[k]);
}
/// NumericError, on all ranks alike, for a sum that a fixed point does not hold.
template <int N>
std::array<double, N> totals_of(const WideSums<N>& joined, const FixedPoint& fixed) {
  std::array<double, N> totals;
  for (std::size_t k = 0; k < N; ++k) {
    totals[k] = joined.upper[k] + joined.rest[k];
    if (fixed.on() && std::isfinite(totals[k]) && std::abs(totals[k]) > FixedPoint::kMostSum)
      throw NumericError("a sum over all atoms is " + std::to_string(totals[k]) +
                         ", too large for reproducible arithmetic; run without 'reproducible'");
  }
  return totals;
}
/// Sums of all ranks, in a message of their own. Collective.
template <int N>
std::array<double, N> total_of(WideSums<N> sums, const FixedPoint& fixed,
                               const Communicator& comm) {
  Reductions reductions;
  join(reductions, sums, fixed);
  comm.reduce_now(std::move(reductions));
  return totals_of(sums, fixed);
}

/// Largest magnitude of a component in the first n rows.
double largest_component(const Exec& exec, int n, Quads rows);
/// Kinetic energy of the whole system [energy]. Collective.
double kinetic_energy(const Exec& exec, const System& system, const Communicator& comm);

/// From a tally at level totals or per_atom. Collective.
Thermo measure(const Exec& exec, const System& system, const Tally& tally,
               const Potential::Tail& tail, const Communicator& comm);

/// Atoms by type, of the whole system. Collective.
std::vector<std::int64_t> count_by_type(const Exec& exec, const System& system,
                                        const Communicator& comm);

}  // namespace r1::md
