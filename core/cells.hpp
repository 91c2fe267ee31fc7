// Cell list: a grid of bins over a brick of the cell, in fractional coordinates, wide enough for the brick's ghosts. Points
// outside are clamped to the border bins, which never brings two points further apart, so a stencil stays complete.
// Bins along a are contiguous, so a row of a stencil is one range of a cell-ordered array.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/box.hpp"
#include "core/device.hpp"

namespace r1 {

/// A part of the cell in fractional coordinates, [low, high) along a, b, c.
struct Brick {
  Vec3 low{0, 0, 0};
  Vec3 high{1, 1, 1};
};

/// Geometry of the grid. Plain data for kernels.
struct CellGrid {
  Int3 count{1, 1, 1};  // bins along a, b, c
  Int3 reach{1, 1, 1};  // a stencil of ±reach bins holds every point within the cutoff
  Vec3 low{};           // fractional coordinate of the grid's corner
  Vec3 per_fraction{};  // bins per unit of the fractional coordinate

  int size() const { return count[0] * count[1] * count[2]; }

  KOKKOS_INLINE_FUNCTION int along(int d, double s) const {
    const double bin = (s - low[d]) * per_fraction[d];
    // NaN and far-away points must not overflow the conversion: compare first.
    if (!(bin > 0)) return 0;
    return bin >= count[d] - 1 ? count[d] - 1 : static_cast<int>(bin);
  }
  KOKKOS_INLINE_FUNCTION int index(int a, int b, int c) const {
    return (c * count[1] + b) * count[0] + a;
  }
  /// First and last bin along d of the stencil around bin `at`.
  KOKKOS_INLINE_FUNCTION int first(int d, int at) const {
    return at > reach[d] ? at - reach[d] : 0;
  }
  KOKKOS_INLINE_FUNCTION int last(int d, int at) const {
    return at + reach[d] < count[d] ? at + reach[d] : count[d] - 1;
  }
  /// Calls row(first bin, last bin) for each row along a of the stencil around bin (a, b, c) = at.
  template <class Row>
  KOKKOS_INLINE_FUNCTION void for_each_row(const Int3& at, const Row& row) const {
    for (int c = first(2, at[2]); c <= last(2, at[2]); ++c)
      for (int b = first(1, at[1]); b <= last(1, at[1]); ++b)
        row(index(first(0, at[0]), b, c), index(last(0, at[0]), b, c));
  }
  KOKKOS_INLINE_FUNCTION Int3 at(const Vec3& s) const {
    return {along(0, s[0]), along(1, s[1]), along(2, s[2])};
  }
  KOKKOS_INLINE_FUNCTION int bin(const Vec3& s) const {
    const Int3 bin = at(s);
    return index(bin[0], bin[1], bin[2]);
  }

  /// Bins of about half of `cutoff` over `brick` widened by `halo`; fewer where there would be many more bins than atoms.
  static CellGrid make(const Box& box, const Brick& brick, double cutoff, double halo, int atoms);
};

/// Members of each bin, in ascending order of index: start (bins + 1), member (points).
struct CellList {
  View<int*> start;   // (bins + 1)
  View<int*> member;  // (points)
};

using ConstQuads = View<const double* [4]>;  // (N, 4): x, y, z, unused

/// Bins of points first..first+count-1 of x. Members hold indices into x.
CellList make_cell_list(const Exec& exec, const CellGrid& grid, const Box& box, ConstQuads x,
                        int first, int count);

/// A permutation that sorts the first `count` points by (bin, id): order(new) = old. A pure function of bin and id.
View<int*> cell_order(const Exec& exec, const CellGrid& grid, const Box& box, ConstQuads x,
                      View<const std::int64_t*> id, int count);

}  // namespace r1
