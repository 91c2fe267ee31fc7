// SPDX-License-Identifier: Apache-2.0
#include "md/measure.hpp"

#include <limits>

namespace r1::md {
namespace {

struct Tensor {
  double xx = 0, yy = 0, zz = 0, xy = 0, xz = 0, yz = 0;
  KOKKOS_INLINE_FUNCTION Tensor& operator+=(const Tensor& o) {
    xx += o.xx, yy += o.yy, zz += o.zz, xy += o.xy, xz += o.xz, yz += o.yz;
    return *this;
  }
};

}  // namespace
}  // namespace r1::md

namespace Kokkos {
template <>
struct reduction_identity<r1::md::Tensor> {
  KOKKOS_FORCEINLINE_FUNCTION static r1::md::Tensor sum() { return {}; }
};
}  // namespace Kokkos

namespace r1::md {

Kokkos::Array<double, 9> kinetic_tensor(const Exec& exec, const System& system) {
  const auto v = system.v();
  const auto type = system.type();
  const auto mass = system.mass;
  Tensor sum;
  Kokkos::parallel_reduce(
      "measure::kinetic_tensor", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, Tensor& t)->void {
        const double m = mass(type(i)), vx = v(i, 0), vy = v(i, 1), vz = v(i, 2);
        t += Tensor{m * vx * vx, m * vy * vy, m * vz * vz, m * vx * vy, m * vx * vz, m * vy * vz};
      },
      Kokkos::Sum<Tensor>(sum));
  const double e = system.units.mvv_to_energy;
  return {e * sum.xx, e * sum.xy, e * sum.xz, e * sum.xy, e * sum.yy,
          e * sum.yz, e * sum.xz, e * sum.yz, e * sum.zz};
}

double kinetic_energy(const Exec& exec, const System& system, const Communicator& comm) {
  const auto k = kinetic_tensor(exec, system);
  return comm.sum(0.5 * (k[0] + k[4] + k[8]));
}

Thermo measure(const Exec& exec, const System& system, const Tally& tally,
               const Potential::Tail& tail, const Communicator& comm) {
  R1_ASSERT(tally.level != Tally::Level::forces);
  std::array<double, 19> sums{};  // energy, virial, kinetic tensor
  const auto kinetic = kinetic_tensor(exec, system);
  sums[0] = tally.energy;
  for (std::size_t c = 0; c < 9; ++c) {
    sums[1 + c] = tally.virial[c];
    sums[10 + c] = kinetic[c];
  }
  comm.reduce_now(Reductions().sum(sums));
  Thermo t;
  t.volume = system.box.volume;
  t.potential_energy = sums[0] + tail.energy;
  t.kinetic_energy = 0.5 * (sums[10] + sums[14] + sums[18]);
  if (system.degrees_of_freedom > 0)
    t.temperature = 2 * t.kinetic_energy / (system.degrees_of_freedom * system.units.boltzmann);
  // Without full periodicity the volume that atoms press against is not defined.
  const double per_volume = system.box.fully_periodic()
                                ? system.units.energy_per_volume_to_pressure / t.volume
                                : std::numeric_limits<double>::quiet_NaN();
  for (std::size_t c = 0; c < 9; ++c) {
    const double on_diagonal = c % 4 == 0 ? tail.virial_trace_third : 0;
    t.pressure_tensor[c] = (sums[10 + c] + sums[1 + c] + on_diagonal) * per_volume;
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
