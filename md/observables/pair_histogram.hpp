// Pairs by distance: how many pairs of two species lie in each shell. Every pair is counted once, by the rule of half lists, so
// that counts depend neither on the number of ranks nor on threads. All copies of an atom within the cutoff count.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/neighbor_list.hpp"

namespace r1::md {

/// Local atoms and all ghosts within the cutoff of them, with their types; the filler's row is not needed.
struct PairCloud {
  ListInput atoms;
  View<const std::int32_t*> type;  // (n_local + n_ghost)
};

/// Where pairs of types are counted.
struct PairBins {
  double cutoff = 0;  // [length]
  int bins = 1;       // of equal width
  int types = 1;
  View<const int*> slot;  // (types * types) row of the histogram, -1: not counted; symmetric
};

/// Adds the pairs of this rank to histogram(slot * bins + bin).
void count_pairs(const Exec& exec, const PairCloud& cloud, const PairBins& bins,
                 View<std::int64_t*> histogram);

}  // namespace r1::md
