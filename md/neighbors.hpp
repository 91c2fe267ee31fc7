// Neighbors: the exact rebuild rule and the list that every step uses. The list holds all pairs within the longest cutoff plus
// skin; it is rebuilt when an atom has moved half of the skin, never later, and until then no pair within the cutoff is missed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "core/neighbor_list.hpp"
#include "md/system.hpp"

#include <vector>

namespace r1::md {

class Neighbors {
 public:
  /// Merges the requests of all every-step consumers: the longest cutoff, one shape. `skin` [length].
  Neighbors(System& system, const std::vector<ListRequest>& requests, double skin);

  double list_cutoff() const { return request_.cutoff + skin_; }  // also the width of the halo
  double skin() const { return skin_; }

  /// The longest way that an atom of this rank has gone since the last build [length]; infinite if one has no position, or before
  /// the first build.
  double longest_way(const Exec& exec, const System& system) const;
  /// Whether such a way makes the list stale.
  bool is_too_far(double way) const { return way > 0.5 * skin_; }
  /// Exchanges the positions at the last build with the present ones: to look back, and forth again.
  void swap_with_reference(System& system) const;
  /// Rebuilds the list from atoms in cell order of `grid` and fresh ghosts, and remembers where atoms are.
  void build(const Exec& exec, const System& system, const CellGrid& grid,
             View<const int* [3]> ghost_image);

  /// Restart. Positions become those of the last build before the checkpoint, which the field of references has from it; the present
  /// ones take their place there and follow their atoms through the rebuild that comes next.
  void go_back(System& system) const;
  /// After that rebuild: builds the list from the positions of then and puts the present ones back (of local atoms).
  void return_to_present(const Exec& exec, System& system, const CellGrid& grid,
                         View<const int* [3]> ghost_image);

  const NeighborList& list() const { return list_; }
  std::int64_t builds() const { return builds_; }
  std::size_t memory() const;

 private:
  ListRequest request_;
  double skin_;
  NeighborListBuilder builder_;
  NeighborList list_;
  FieldHandle<double, 4> reference_;  // positions at the last build
  std::int64_t builds_ = 0;
};

}  // namespace r1::md
