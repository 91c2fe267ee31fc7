// The generic builder (one atom a thread, strided rows) and the choice between it and the packed one.
// SPDX-License-Identifier: Apache-2.0
#include "core/neighbor_list.hpp"

#include "core/error.hpp"

#include <algorithm>

namespace r1 {
namespace {

/// Appends the neighbours of local atom i, in bin order: locals, then ghosts.
struct StridedRows {
  ListInput in;
  CellList locals, ghosts;
  NeighborList list;
  double cutoff2;
  int capacity;

  KOKKOS_INLINE_FUNCTION double distance2(int i, int j) const {
    const double dx = in.x(i, 0) - in.x(j, 0);
    const double dy = in.x(i, 1) - in.x(j, 1);
    const double dz = in.x(i, 2) - in.x(j, 2);
    return dx * dx + dy * dy + dz * dz;
  }
  KOKKOS_INLINE_FUNCTION bool wanted(int i, int j) const {
    if (list.shape == ListShape::full) return i != j;
    if (j < in.n_local) return i < j;
    const int g = j - in.n_local;
    return owns_ghost_pair(in.id(i), in.id(j), in.ghost_image(g, 0), in.ghost_image(g, 1),
                           in.ghost_image(g, 2));
  }
  KOKKOS_INLINE_FUNCTION void scan(const CellList& cells, int first, int last, int i,
                                   int& n) const {
    for (int k = cells.start(first); k < cells.start(last + 1); ++k) {
      const int j = cells.member(k);
      if (!(distance2(i, j) < cutoff2) || !wanted(i, j)) continue;
      if (n < capacity) list.entry(list.begin(i) + n * list.stride) = j;
      ++n;
    }
  }
  KOKKOS_INLINE_FUNCTION void operator()(int i, int& most) const {
    const Vec3 s = in.box.fractional(in.x(i, 0), in.x(i, 1), in.x(i, 2));
    list.begin(i) = i;
    int n = 0;
    in.grid.for_each_row(in.grid.at(s), [&](int first, int last) {
      scan(locals, first, last, i, n);
      scan(ghosts, first, last, i, n);
    });
    list.count(i) = n < capacity ? n : capacity;
    if (n > most) most = n;
  }
};

void reserve_rows(const Exec& exec, NeighborList& list, int atoms) {
  if (list.begin.extent_int(0) >= atoms) return;
  const int room = atoms + atoms / 16 + 16;
  list.begin = uninitialized<View<std::int64_t*>>(exec, "NeighborList::begin", room);
  list.count = uninitialized<View<int*>>(exec, "NeighborList::count", room);
}

void grow_entries(const Exec& exec, NeighborList& list, std::int64_t needed) {
  list.entry = View<int*>();  // free first: old and new need not fit together
  list.entry =
      uninitialized<View<int*>>(exec, "NeighborList::entry", static_cast<std::size_t>(needed));
}

}  // namespace

int build_strided_rows(const Exec& exec, const ListInput& input, const CellList& locals,
                       const CellList& ghosts, NeighborList& list, int row_capacity) {
  int most = 0;
  Kokkos::parallel_reduce(
      "neighbor_list::strided_rows", Range(exec, 0, input.n_local),
      StridedRows{input, locals, ghosts, list, list.cutoff * list.cutoff, row_capacity},
      Kokkos::Max<int>(most));
  return most;
}

std::int64_t NeighborList::pairs(const Exec& exec) const {
  std::int64_t total = 0;
  const auto n = count;
  Kokkos::parallel_reduce(
      "NeighborList::pairs", Range(exec, 0, atoms),
      KOKKOS_LAMBDA(int i, std::int64_t& sum)->void { sum += n(i); }, total);
  return total;
}

void NeighborListBuilder::build(const Exec& exec, const ListInput& input, double skin,
                                NeighborList& list) {
  const auto locals = make_cell_list(exec, input.grid, input.box, input.x, 0, input.n_local);
  const auto ghosts =
      make_cell_list(exec, input.grid, input.box, input.x, input.n_local, input.n_ghost);
  list.cutoff = request_.cutoff + skin;
  list.shape = request_.shape;
  list.atoms = input.n_local;
  list.filler = input.n_local + input.n_ghost;
  reserve_rows(exec, list, input.n_local);
  if (kDeviceIsHost && list.shape == ListShape::half) {
    list.stride = 1;
    const auto needed = build_packed_rows(exec, input, locals, ghosts, list);
    if (needed <= static_cast<std::int64_t>(list.entry.extent(0))) return;
    grow_entries(exec, list, needed + needed / 16);
    R1_ASSERT(build_packed_rows(exec, input, locals, ghosts, list) == needed);
    return;
  }
  list.stride = list.begin.extent_int(0);
  int rows = static_cast<int>(list.entry.extent(0) / std::max<std::size_t>(1, list.stride));
  const int most = build_strided_rows(exec, input, locals, ghosts, list, rows);
  if (most <= rows) return;
  rows = most + most / 8 + 2;
  grow_entries(exec, list, rows * list.stride);
  R1_ASSERT(build_strided_rows(exec, input, locals, ghosts, list, rows) == most);
}

}  // namespace r1
