// SPDX-License-Identifier: Apache-2.0
#include "md/watch/diagnosis.hpp"

#include <fmt/format.h>

namespace r1::md {
namespace {

using Loc = Kokkos::MaxLoc<double, int>;
constexpr double kInfinity = Kokkos::Experimental::infinity_v<double>;

/// What a reduction over `atoms` atoms has found; {-infinity, -1} where no atom has a value: the reducer's own place for that is none.
Loc::value_type known(const Loc::value_type& found, int atoms) {
  return found.loc >= 0 && found.loc < atoms ? found : Loc::value_type{-kInfinity, -1};
}

/// The atom with the largest squared speed, and that; not a number counts as infinite.
Loc::value_type fastest(const Exec& exec, const System& system) {
  Loc::value_type found{-1, -1};
  const auto v = system.v();
  Kokkos::parallel_reduce(
      "diagnosis::fastest", Range(exec, 0, system.n_local),
      KOKKOS_LAMBDA(int i, Loc::value_type& most)->void {
        const double v2 = v(i, 0) * v(i, 0) + v(i, 1) * v(i, 1) + v(i, 2) * v(i, 2);
        const double speed2 = v2 == v2 ? v2 : kInfinity;
        if (speed2 > most.val) most = {speed2, i};
      },
      Loc(found));
  exec.fence("diagnosis::fastest: the host reads the result");
  return known(found, system.n_local);
}

/// Minus the squared distance of atom i to its closest neighbour in the list, so that the largest is the closest.
KOKKOS_INLINE_FUNCTION double closeness(const NeighborList& list, const Quads& x, int i,
                                        int& closest) {
  double best = -kInfinity;
  for (int k = 0; k < list.count(i); ++k) {
    const int j = list.neighbor(i, k);
    const double dx = x(i, 0) - x(j, 0), dy = x(i, 1) - x(j, 1), dz = x(i, 2) - x(j, 2);
    const double near = -(dx * dx + dy * dy + dz * dz);
    if (near > best) {
      best = near;
      closest = j;
    }
  }
  return best;
}

Loc::value_type closest(const Exec& exec, const System& system, const NeighborList& list) {
  Loc::value_type found{-kInfinity, -1};
  const auto x = system.x();
  Kokkos::parallel_reduce(
      "diagnosis::closest", Range(exec, 0, list.atoms),
      KOKKOS_LAMBDA(int i, Loc::value_type& most)->void {
        int j = -1;
        const double near = closeness(list, x, i, j);
        if (near > most.val) most = {near, i};
      },
      Loc(found));
  exec.fence("diagnosis::closest: the host reads the result");
  return known(found, list.atoms);
}

/// One row of a device view on the host.
template <class V>
auto row_of(const V& view, int i) {
  return Kokkos::create_mirror_view_and_copy(
      Kokkos::HostSpace(), Kokkos::subview(view, std::pair<int, int>(i, i + 1), Kokkos::ALL));
}

std::string name_of(const System& system, int i) {
  const auto type = row_of(system.fields.view(system.type_), i)(0, 0);
  return fmt::format("{} ({})", row_of(system.fields.view(system.id_), i)(0, 0),
                     system.species[static_cast<std::size_t>(type)].name);
}

/// The text of the rank with the largest value, on all ranks; empty where no rank has one.
std::string of_the_largest(const Communicator& comm, double value, const std::string& text) {
  const double largest = comm.max(value);
  const int nobody = comm.size();
  const int first =
      static_cast<int>(comm.min(value == largest && !text.empty() ? comm.rank() : nobody));
  if (first == nobody) return "";
  std::string shared = text;
  comm.broadcast(shared, first);
  return shared;
}

}  // namespace

std::string describe_closest_pair(const Exec& exec, const Communicator& comm, const System& system,
                                  const NeighborList& list) {
  const auto found = closest(exec, system, list);
  std::string text;
  if (found.loc >= 0) {
    // Again on the host for the neighbour: the row is short.
    const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
    const auto entry = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), list.entry);
    const auto count = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), list.count);
    const auto begin = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), list.begin);
    const int i = found.loc;
    int j = i;
    double least = kInfinity;
    for (int k = 0; k < count(i); ++k) {
      const int other = entry(begin(i) + k * list.stride);
      double r2 = 0;
      for (int d = 0; d < 3; ++d) r2 += (x(i, d) - x(other, d)) * (x(i, d) - x(other, d));
      if (r2 < least) least = r2, j = other;
    }
    text = fmt::format("the closest pair is atoms {} and {}, {:.6g} apart, on rank {}",
                       name_of(system, i), name_of(system, j), std::sqrt(least), comm.rank());
  }
  return of_the_largest(comm, found.val, text);
}

std::string describe_fastest_atom(const Exec& exec, const Communicator& comm, const System& system,
                                  double timestep) {
  const auto found = fastest(exec, system);
  std::string text;
  if (found.loc >= 0) {
    const auto x = row_of(system.x(), found.loc);
    text = fmt::format(
        "atom {} of rank {} goes {:.6g} in a step of {:.6g}, to ({:.6g}, {:.6g}, {:.6g})",
        name_of(system, found.loc), comm.rank(), timestep * std::sqrt(found.val), timestep, x(0, 0),
        x(0, 1), x(0, 2));
  }
  return of_the_largest(comm, found.val, text);
}

double longest_step(const Exec& exec, const System& system, double timestep) {
  const auto found = fastest(exec, system);
  return found.loc < 0 ? 0 : timestep * std::sqrt(found.val);
}

}  // namespace r1::md
