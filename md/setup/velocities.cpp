// SPDX-License-Identifier: Apache-2.0
#include "md/setup/velocities.hpp"

#include "core/error.hpp"
#include "core/random.hpp"
#include "md/measure.hpp"

#include <cmath>

namespace r1::md {
namespace {

void draw(const Exec& exec, const System& system, double temperature, std::uint64_t seed) {
  const Random random(seed, RandomPurpose::velocity);
  const auto v = system.v();
  const auto id = system.id();
  const auto type = system.type();
  const auto inverse_mass = system.inverse_mass;
  const double kt = system.units.boltzmann * temperature / system.units.mvv_to_energy;
  Kokkos::parallel_for(
      "velocities::draw", Range(exec, 0, system.n_local), KOKKOS_LAMBDA(int i)->void {
        const double width = Kokkos::sqrt(kt * inverse_mass(type(i)));
        const auto normal = random.normal3(static_cast<std::uint64_t>(id(i)), 0);
        for (int d = 0; d < 3; ++d) v(i, d) = width * normal[d];
        v(i, 3) = 0;
      });
}

/// Total momentum and mass of all ranks: {px, py, pz, m}.
std::array<double, 4> momentum_and_mass(const Exec& exec, const System& system,
                                        const Communicator& comm) {
  const auto v = system.v();
  const auto type = system.type();
  const auto mass = system.mass;
  const auto fixed = system.fixed;
  WideSums<4> sums;
  Kokkos::parallel_reduce(
      "velocities::momentum", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, WideSums<4>& sum)->void {
        const double m = mass(type(i));
        for (int d = 0; d < 3; ++d) sum.add(d, m * v(i, d), fixed);
        sum.add(3, m, fixed);
      },
      Kokkos::Sum<WideSums<4>>(sums));
  return total_of(sums, fixed, comm);
}

/// v = scale·(v − mean).
void shift_and_scale(const Exec& exec, const System& system, Vec3 mean, double scale) {
  const auto v = system.v();
  Kokkos::parallel_for(
      "velocities::shift_and_scale", Range(exec, 0, system.n_local), KOKKOS_LAMBDA(int i)->void {
        for (int d = 0; d < 3; ++d) v(i, d) = scale * (v(i, d) - mean[d]);
      });
}

}  // namespace

void set_maxwell_velocities(const Exec& exec, const Communicator& comm, System& system,
                            double temperature, std::uint64_t seed) {
  R1_ASSERT(temperature >= 0);
  const double dof = 3.0 * static_cast<double>(system.n_global) - 3;
  if (dof <= 0 || temperature == 0) return shift_and_scale(exec, system, {0, 0, 0}, 0);
  draw(exec, system, temperature, seed);
  const auto sums = momentum_and_mass(exec, system, comm);
  shift_and_scale(exec, system, {sums[0] / sums[3], sums[1] / sums[3], sums[2] / sums[3]}, 1);
  const double wanted = 0.5 * dof * system.units.boltzmann * temperature;
  const double scale = std::sqrt(wanted / kinetic_energy(exec, system, comm));
  shift_and_scale(exec, system, {0, 0, 0}, scale);
}

}  // namespace r1::md
