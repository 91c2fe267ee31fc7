// SPDX-License-Identifier: Apache-2.0
#include "core/cells.hpp"

#include <algorithm>
#include <cmath>

namespace r1 {

CellGrid CellGrid::make(const Box& box, const Brick& brick, double cutoff, double halo, int atoms) {
  // Many empty bins cost more than wide ones: a sparse system must not allocate by its volume.
  const double most = std::max(64.0, 4.0 * atoms);
  CellGrid grid;
  double extent[3];  // of brick and halo, between faces
  for (int d = 0; d < 3; ++d) extent[d] = (brick.high[d] - brick.low[d]) * box.width[d] + 2 * halo;
  double target = 0.5 * cutoff;
  const double volume = extent[0] * extent[1] * extent[2];
  if (volume / (target * target * target) > most) target = std::cbrt(volume / most);
  for (int d = 0; d < 3; ++d) {
    grid.count[d] = static_cast<int>(std::clamp(std::floor(extent[d] / target), 1.0, 1048576.0));
    const double span = extent[d] / box.width[d];
    grid.low[d] = brick.low[d] - halo / box.width[d];
    grid.per_fraction[d] = grid.count[d] / span;
    // The slack keeps a pair at the cutoff inside the stencil in spite of rounding.
    const double bin_width = extent[d] / grid.count[d];
    grid.reach[d] =
        std::min(grid.count[d], static_cast<int>(std::ceil(cutoff / bin_width * (1 + 1e-12))));
  }
  return grid;
}

namespace {

View<int*> bins_of(const Exec& exec, const CellGrid& grid, const Box& box, ConstQuads x, int first,
                   int count) {
  auto bin = uninitialized<View<int*>>(exec, "cells::bins_of", count);
  Kokkos::parallel_for(
      "cells::bins_of", Range(exec, 0, count), KOKKOS_LAMBDA(int i)->void {
        const int p = first + i;
        bin(i) = grid.bin(box.fractional(x(p, 0), x(p, 1), x(p, 2)));
      });
  return bin;
}

/// Counting sort. Slots are claimed in any order; the caller sorts within each bin.
CellList sort_into_bins(const Exec& exec, View<const int*> bin, int bins, int first) {
  const int count = static_cast<int>(bin.extent(0));
  View<int*> start(Kokkos::view_alloc(exec, std::string("CellList::start")), bins + 1);
  auto member = uninitialized<View<int*>>(exec, "CellList::member", count);
  Kokkos::parallel_for(
      "cells::count", Range(exec, 0, count),
      KOKKOS_LAMBDA(int i)->void { Kokkos::atomic_inc(&start(bin(i))); });
  Kokkos::parallel_scan(
      "cells::scan", Range(exec, 0, bins + 1), KOKKOS_LAMBDA(int b, int& sum, bool final)->void {
        const int n = start(b);
        sum += n;
        if (final) start(b) = sum;  // the end of bin b: filling counts down to its start
      });
  Kokkos::parallel_for(
      "cells::fill", Range(exec, 0, count), KOKKOS_LAMBDA(int i)->void {
        member(Kokkos::atomic_fetch_sub(&start(bin(i)), 1) - 1) = first + i;
      });
  return {start, member};
}

/// Insertion sort of each bin's few members by key(member); makes the result independent of the order of claiming.
template <class KeyOf>
void sort_bins(const Exec& exec, const CellList& cells, int bins, KeyOf key) {
  const auto start = cells.start;
  const auto member = cells.member;
  Kokkos::parallel_for(
      "cells::sort_bins", Range(exec, 0, bins), KOKKOS_LAMBDA(int b)->void {
        for (int k = start(b) + 1; k < start(b + 1); ++k) {
          const int m = member(k);
          int slot = k;
          for (; slot > start(b) && key(member(slot - 1)) > key(m); --slot)
            member(slot) = member(slot - 1);
          member(slot) = m;
        }
      });
}

struct ByIndex {
  KOKKOS_INLINE_FUNCTION int operator()(int i) const { return i; }
};
struct ById {
  View<const std::int64_t*> id;
  KOKKOS_INLINE_FUNCTION std::int64_t operator()(int i) const { return id(i); }
};

}  // namespace

CellList make_cell_list(const Exec& exec, const CellGrid& grid, const Box& box, ConstQuads x,
                        int first, int count) {
  const auto cells =
      sort_into_bins(exec, bins_of(exec, grid, box, x, first, count), grid.size(), first);
  sort_bins(exec, cells, grid.size(), ByIndex{});
  return cells;
}

View<int*> cell_order(const Exec& exec, const CellGrid& grid, const Box& box, ConstQuads x,
                      View<const std::int64_t*> id, int count) {
  const auto cells = sort_into_bins(exec, bins_of(exec, grid, box, x, 0, count), grid.size(), 0);
  sort_bins(exec, cells, grid.size(), ById{id});
  return cells.member;
}

}  // namespace r1
