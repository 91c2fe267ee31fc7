// SPDX-License-Identifier: Apache-2.0
#include "md/observables/pair_histogram.hpp"

#include <Kokkos_ScatterView.hpp>

namespace r1::md {
namespace {

// A histogram for each thread on CPUs, atomic additions on GPUs: sums of integers, the same in any order.
using Scatter = decltype(Kokkos::Experimental::create_scatter_view(View<std::int64_t*>()));

/// Counts the pairs that local atom i holds.
struct CountPairs {
  ListInput in;
  View<const std::int32_t*> type;
  PairBins bins;
  CellList locals, ghosts;
  Scatter histogram;
  double cutoff2, bins_per_length;

  KOKKOS_INLINE_FUNCTION bool holds(int i, int j) const {
    if (j < in.n_local) return i < j;
    const int g = j - in.n_local;
    return owns_ghost_pair(in.id(i), in.id(j), in.ghost_image(g, 0), in.ghost_image(g, 1),
                           in.ghost_image(g, 2));
  }
  template <class Access>
  KOKKOS_INLINE_FUNCTION void scan(const CellList& cells, int first, int last, int i,
                                   const Access& count) const {
    for (int k = cells.start(first); k < cells.start(last + 1); ++k) {
      const int j = cells.member(k);
      const double dx = in.x(i, 0) - in.x(j, 0);
      const double dy = in.x(i, 1) - in.x(j, 1);
      const double dz = in.x(i, 2) - in.x(j, 2);
      const double r2 = dx * dx + dy * dy + dz * dz;
      if (!(r2 < cutoff2) || !holds(i, j)) continue;
      const int slot = bins.slot(type(i) * bins.types + type(j));
      if (slot < 0) continue;
      const int bin = static_cast<int>(Kokkos::sqrt(r2) * bins_per_length);
      // Rounding may lift a distance just below the cutoff into the bin behind the last.
      count(slot * bins.bins + (bin < bins.bins ? bin : bins.bins - 1)) += 1;
    }
  }
  KOKKOS_INLINE_FUNCTION void operator()(int i) const {
    const auto count = histogram.access();
    const Vec3 s = in.box.fractional(in.x(i, 0), in.x(i, 1), in.x(i, 2));
    in.grid.for_each_row(in.grid.at(s), [&](int first, int last) {
      scan(locals, first, last, i, count);
      scan(ghosts, first, last, i, count);
    });
  }
};

}  // namespace

void count_pairs(const Exec& exec, const PairCloud& cloud, const PairBins& bins,
                 View<std::int64_t*> histogram) {
  const ListInput& in = cloud.atoms;
  const auto scatter = Kokkos::Experimental::create_scatter_view(histogram);
  const CountPairs count{in,
                         cloud.type,
                         bins,
                         make_cell_list(exec, in.grid, in.box, in.x, 0, in.n_local),
                         make_cell_list(exec, in.grid, in.box, in.x, in.n_local, in.n_ghost),
                         scatter,
                         bins.cutoff * bins.cutoff,
                         bins.bins / bins.cutoff};
  Kokkos::parallel_for("count_pairs", Range(exec, 0, in.n_local), count);
  Kokkos::Experimental::contribute(exec, histogram, scatter);
}

}  // namespace r1::md
