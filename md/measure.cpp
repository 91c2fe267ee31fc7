// SPDX-License-Identifier: Apache-2.0
#include "md/measure.hpp"

#include <limits>

namespace r1::md {
namespace {

/// Sum of m v_a v_b of local atoms as xx, yy, zz, xy, xz, yz [energy].
WideSums<6> kinetic_sums(const Exec& exec, const System& system) {
  const auto v = system.v();
  const auto type = system.type();
  const auto mass = system.mass;
  const auto fixed = system.fixed;
  const double e = system.units.mvv_to_energy;
  WideSums<6> sums;
  Kokkos::parallel_reduce(
      "measure::kinetic_sums", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, WideSums<6>& t)->void {
        const double m = e * mass(type(i)), vx = v(i, 0), vy = v(i, 1), vz = v(i, 2);
        t.add(0, m * vx * vx, fixed);
        t.add(1, m * vy * vy, fixed);
        t.add(2, m * vz * vz, fixed);
        t.add(3, m * vx * vy, fixed);
        t.add(4, m * vx * vz, fixed);
        t.add(5, m * vy * vz, fixed);
      },
      Kokkos::Sum<WideSums<6>>(sums));
  return sums;
}

constexpr std::size_t kSixOfNine[9] = {0, 3, 4, 3, 1, 5, 4, 5, 2};

}  // namespace

double kinetic_energy(const Exec& exec, const System& system, const Communicator& comm) {
  const auto sums = total_of(kinetic_sums(exec, system), system.fixed, comm);
  return 0.5 * (sums[0] + sums[1] + sums[2]);
}

double largest_component(const Exec& exec, int n, Quads rows) {
  double largest = 0;
  Kokkos::parallel_reduce(
      "measure::largest_component", Range(exec, 0, n),
      KOKKOS_LAMBDA(int i, double& most)->void {
        for (int d = 0; d < 3; ++d) most = Kokkos::fmax(most, Kokkos::fabs(rows(i, d)));
      },
      Kokkos::Max<double>(largest));
  return largest;
}

Thermo measure(const Exec& exec, const System& system, const Tally& tally,
               const Potential::Tail& tail, const Communicator& comm) {
  R1_ASSERT(tally.level != Tally::Level::forces);
  WideSums<16> parts;  // energy, virial, kinetic tensor
  const auto kinetic = kinetic_sums(exec, system);
  parts.upper[0] = tally.energy, parts.rest[0] = tally.energy_rest;
  for (int c = 0; c < 9; ++c) {
    parts.upper[1 + c] = tally.virial[c];
    parts.rest[1 + c] = tally.virial_rest[c];
  }
  for (int c = 0; c < 6; ++c) {
    parts.upper[10 + c] = kinetic.upper[c];
    parts.rest[10 + c] = kinetic.rest[c];
  }
  const auto sums = total_of(parts, system.fixed, comm);
  Thermo t;
  t.volume = system.box.volume;
  t.potential_energy = sums[0] + tail.energy;
  t.kinetic_energy = 0.5 * (sums[10] + sums[11] + sums[12]);
  if (system.degrees_of_freedom > 0)
    t.temperature = 2 * t.kinetic_energy / (system.degrees_of_freedom * system.units.boltzmann);
  // Without full periodicity the volume that atoms press against is not defined.
  const double per_volume = system.box.fully_periodic()
                                ? system.units.energy_per_volume_to_pressure / t.volume
                                : std::numeric_limits<double>::quiet_NaN();
  for (std::size_t c = 0; c < 9; ++c) {
    const double on_diagonal = c % 4 == 0 ? tail.virial_trace_third : 0;
    t.pressure_tensor[c] = (sums[10 + kSixOfNine[c]] + sums[1 + c] + on_diagonal) * per_volume;
  }
  t.pressure = (t.pressure_tensor[0] + t.pressure_tensor[4] + t.pressure_tensor[8]) / 3;
  return t;
}

std::vector<std::int64_t> count_by_type(const Exec& exec, const System& system,
                                        const Communicator& comm) {
  std::vector<std::int64_t> counts;
  const auto type = system.type();
  for (int t = 0; t < static_cast<int>(system.species.size()); ++t) {
    int n = 0;
    Kokkos::parallel_reduce(
        "measure::count_by_type", Range(exec, 0, system.n_local),
        KOKKOS_LAMBDA(int i, int& sum)->void { sum += type(i) == t; }, n);
    counts.push_back(static_cast<std::int64_t>(comm.sum(n)));
  }
  return counts;
}

}  // namespace r1::md
