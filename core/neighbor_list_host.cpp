// Packed rows for half lists on CPUs. All atoms of a bin share their candidates: these are copied once per bin into contiguous
// arrays, then each atom computes distances in SIMD and appends without branches. Rows of a bin are claimed together from a
// shared array; where a row lies has no influence on any result.
// SPDX-License-Identifier: Apache-2.0
#include "core/neighbor_list.hpp"

#include <algorithm>
#include <vector>

namespace r1 {
namespace {

/// What a thread reuses from bin to bin.
struct Scratch {
  std::vector<double> x, y, z;    // (candidates)
  std::vector<int> index;         // (candidates)
  std::vector<double> distance2;  // (candidates)
  std::vector<int> rows;          // rows of the bin, padded, one after another

  void reserve_candidates(int candidates) {
    const auto needed = static_cast<std::size_t>(candidates);
    if (index.size() >= needed) return;
    for (auto* v : {&x, &y, &z, &distance2}) v->resize(needed + needed / 2);
    index.resize(needed + needed / 2);
  }
  void reserve_rows(std::size_t entries) {
    if (rows.size() < entries) rows.resize(entries + entries / 2);
  }
};

/// Writes the indices of the points closer than the cutoff to `row`, in order and without branches; returns how many.
int append_close(const double* __restrict r2, const int* __restrict index, int first, int last,
                 double cutoff2, int* __restrict row) {
  int count = 0;
  for (int k = first; k < last; ++k) {
    row[count] = index[k];
    count += r2[k] < cutoff2;
  }
  return count;
}

void squared_distances(const double* __restrict x, const double* __restrict y,
                       const double* __restrict z, double xi, double yi, double zi, int first,
                       int last, double* __restrict r2) {
  for (int k = first; k < last; ++k) {
    const double dx = xi - x[k], dy = yi - y[k], dz = zi - z[k];
    r2[k] = dx * dx + dy * dy + dz * dz;
  }
}

struct PackedRows {
  const ListInput& in;
  const CellList& locals;
  const CellList& ghosts;
  const NeighborList& list;
  const View<std::int64_t>& claimed;

  /// Copies the members of bins first..last behind the n candidates so far; returns the new number.
  int collect(const CellList& cells, int first, int last, Scratch& s, int n) const {
    const int begin = cells.start(first), end = cells.start(last + 1);
    if (begin == end) return n;
    s.reserve_candidates(n + end - begin);
    double *x = s.x.data() + n, *y = s.y.data() + n, *z = s.z.data() + n;
    int* index = s.index.data() + n;
    const double* from = in.x.data();
    const int* member = cells.member.data();
    for (int k = begin; k < end; ++k) {
      const int j = member[k];
      *x++ = from[4 * j];
      *y++ = from[4 * j + 1];
      *z++ = from[4 * j + 2];
      *index++ = j;
    }
    return n + end - begin;
  }

  /// Of the `count` ghosts in `row`, keeps those whose pair with i is this side's.
  int keep_owned(int i, int* row, int count) const {
    const std::int64_t id = in.id(i);
    int kept = 0;
    for (int k = 0; k < count; ++k) {
      const int j = row[k], g = j - in.n_local;
      row[kept] = j;
      kept += owns_ghost_pair(id, in.id(j), in.ghost_image(g, 0), in.ghost_image(g, 1),
                              in.ghost_image(g, 2));
    }
    return kept;
  }

  /// The row of candidate `own`: locals behind it and ghosts [n_local, n). Returns the padded length.
  int write_row(int own, Scratch& s, int n_local, int n, int* row) const {
    const double cutoff2 = list.cutoff * list.cutoff;
    const int i = s.index[static_cast<std::size_t>(own)];
    squared_distances(s.x.data(), s.y.data(), s.z.data(), in.x(i, 0), in.x(i, 1), in.x(i, 2),
                      own + 1, n, s.distance2.data());
    int count = append_close(s.distance2.data(), s.index.data(), own + 1, n_local, cutoff2, row);
    const int close_ghosts =
        append_close(s.distance2.data(), s.index.data(), n_local, n, cutoff2, row + count);
    count += keep_owned(i, row + count, close_ghosts);
    list.count(i) = count;
    while (count % NeighborList::kRowPadding != 0) row[count++] = list.filler;
    return count;
  }

  void bin(int a, int b, int c, Scratch& s) const {
    const CellGrid& g = in.grid;
    const int own = g.index(a, b, c);
    const int atoms = locals.start(own + 1) - locals.start(own);
    if (atoms == 0) return;
    // Locals are sorted by bin, and the bin's own atoms come first: what follows an atom is later in memory.
    int n_local = collect(locals, own, g.index(g.last(0, a), b, c), s, 0);
    for (int z = c; z <= g.last(2, c); ++z)
      for (int y = z == c ? b + 1 : g.first(1, b); y <= g.last(1, b); ++y)
        n_local =
            collect(locals, g.index(g.first(0, a), y, z), g.index(g.last(0, a), y, z), s, n_local);
    int n = n_local;
    g.for_each_row({a, b, c}, [&](int first, int last) { n = collect(ghosts, first, last, s, n); });
    write_rows(atoms, s, n_local, n);
  }

  void write_rows(int atoms, Scratch& s, int n_local, int n) const {
    std::int64_t size = 0;
    s.reserve_rows(static_cast<std::size_t>(atoms) *
                   static_cast<std::size_t>(n + NeighborList::kRowPadding));
    for (int m = 0; m < atoms; ++m) {
      list.begin(s.index[static_cast<std::size_t>(m)]) =
          size;  // within the bin, until it is claimed
      size += write_row(m, s, n_local, n, s.rows.data() + size);
    }
    const std::int64_t at = Kokkos::atomic_fetch_add(claimed.data(), size);
    if (at + size > static_cast<std::int64_t>(list.entry.extent(0)))
      return;  // overflow: only the size needed matters now
    std::copy_n(s.rows.data(), size, list.entry.data() + at);
    for (int m = 0; m < atoms; ++m) list.begin(s.index[static_cast<std::size_t>(m)]) += at;
  }
};

}  // namespace

std::int64_t build_packed_rows(const Exec& exec, const ListInput& input, const CellList& locals,
                               const CellList& ghosts, NeighborList& list) {
  const View<std::int64_t> claimed("neighbor_list::claimed");
  const PackedRows rows{input, locals, ghosts, list, claimed};
  const int lines = input.grid.count[1] * input.grid.count[2];
  const auto per_line = [&](int line, Scratch& scratch) {
    for (int a = 0; a < input.grid.count[0]; ++a)
      rows.bin(a, line % input.grid.count[1], line / input.grid.count[1], scratch);
  };
  const Kokkos::Experimental::UniqueToken<Exec> token(exec);
  std::vector<Scratch> scratch(static_cast<std::size_t>(token.size()));
  Kokkos::parallel_for("neighbor_list::packed_rows",
                       Kokkos::RangePolicy<Exec, Kokkos::Schedule<Kokkos::Dynamic>>(exec, 0, lines),
                       [&](const int line) {
                         const int t = token.acquire();
                         per_line(line, scratch[static_cast<std::size_t>(t)]);
                         token.release(t);
                       });
  exec.fence("neighbor_list::packed_rows: the size decides whether to retry");
  return claimed();
}

}  // namespace r1
