// SPDX-License-Identifier: Apache-2.0
#include "md/neighbors.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace r1::md {
namespace {

ListRequest merged(const std::vector<ListRequest>& requests) {
  R1_ASSERT(!requests.empty());
  ListRequest all = requests.front();
  for (const auto& r : requests) {
    R1_ASSERT(r.shape == all.shape);
    all.cutoff = std::max(all.cutoff, r.cutoff);
  }
  return all;
}

/// Largest squared displacement of local atoms; infinite if one is not a number.
double largest_move2(const Exec& exec, int n, Quads x, Quads reference) {
  double largest = 0;
  Kokkos::parallel_reduce(
      "Neighbors::largest_move", Range(exec, 0, n),
      KOKKOS_LAMBDA(int i, double& most)->void {
        const double dx = x(i, 0) - reference(i, 0);
        const double dy = x(i, 1) - reference(i, 1);
        const double dz = x(i, 2) - reference(i, 2);
        const double d2 = dx * dx + dy * dy + dz * dz;
        if (d2 > most) most = d2;
        if (d2 != d2) most = Kokkos::Experimental::infinity_v<double>;
      },
      Kokkos::Max<double>(largest));
  return largest;
}

}  // namespace

Neighbors::Neighbors(System& system, const std::vector<ListRequest>& requests, double skin)
    : request_(merged(requests)), skin_(skin), builder_(request_) {
  FieldTraits traits;
  traits.migrates = FieldTraits::Migrates::no;  // rewritten by the rebuild that moves atoms
  reference_ = system.fields.add<double, 4>({"list_reference_position", 4, "length", traits, 1});
}

double Neighbors::longest_way(const Exec& exec, const System& system) const {
  if (builds_ == 0) return std::numeric_limits<double>::infinity();
  return std::sqrt(largest_move2(exec, system.n_local, system.x(), system.fields.view(reference_)));
}

void Neighbors::swap_with_reference(System& system) const {
  auto& all = system.fields.all();
  std::swap(all[static_cast<std::size_t>(reference_.index)].data,
            all[static_cast<std::size_t>(system.position.index)].data);
}

void Neighbors::build(const Exec& exec, const System& system, const CellGrid& grid,
                      View<const int* [3]> ghost_image) {
  const ListInput input{system.box,  grid,           system.x(),    system.id(),
                        ghost_image, system.n_local, system.n_ghost};
  builder_.build(exec, input, skin_, list_);
  const auto locals = std::pair<int, int>(0, system.n_local);
  Kokkos::deep_copy(exec, Kokkos::subview(system.fields.view(reference_), locals, Kokkos::ALL),
                    Kokkos::subview(system.x(), locals, Kokkos::ALL));
  ++builds_;
}

void Neighbors::go_back(System& system) const {
  swap_with_reference(system);
  system.fields.all()[static_cast<std::size_t>(reference_.index)].info.traits.migrates =
      FieldTraits::Migrates::yes;
}

void Neighbors::return_to_present(const Exec& exec, System& system, const CellGrid& grid,
                                  View<const int* [3]> ghost_image) {
  system.fields.all()[static_cast<std::size_t>(reference_.index)].info.traits.migrates =
      FieldTraits::Migrates::no;
  const auto locals = std::pair<int, int>(0, system.n_local);
  const auto present =
      uninitialized<View<double**>>(exec, "Neighbors::return_to_present", system.n_local, 4);
  Kokkos::deep_copy(exec, present,
                    Kokkos::subview(system.fields.view(reference_), locals, Kokkos::ALL));
  build(exec, system, grid, ghost_image);
  Kokkos::deep_copy(exec, Kokkos::subview(system.x(), locals, Kokkos::ALL), present);
}

std::size_t Neighbors::memory() const {
  return list_.entry.span() * sizeof(int) + list_.begin.span() * sizeof(std::int64_t) +
         list_.count.span() * sizeof(int);
}

}  // namespace r1::md
