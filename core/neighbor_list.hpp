// Neighbour lists: which atoms lie within cutoff (+ skin) of each local atom. Half lists hold a pair once, full lists twice.
// In a half list a local pair belongs to the atom that comes first in memory; a pair with a ghost to the side that ghost
// identity (id, image) alone decides, so both owners agree and a perfect lattice loses nothing.
// Consumers state a ListRequest; every-step requests are merged. Overflow is data: grow, retry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/cells.hpp"
#include "core/device.hpp"

namespace r1 {

enum class ListShape { half, full };

/// The shape that pair kernels of this build walk: half on CPUs, full on GPUs.
inline constexpr ListShape kPairShape = kDeviceIsHost ? ListShape::half : ListShape::full;

struct ListRequest {
  double cutoff = 0;  // [length], without skin
  ListShape shape = kPairShape;
};

/// Rows of neighbour indices. Neighbour k of atom i is entry[begin(i) + k * stride].
/// On CPUs rows are contiguous and filled up to a multiple of kRowPadding with `filler`, the index of an atom that is far from
/// everything, so that SIMD kernels need no remainder loop. On GPUs rows are interleaved (stride = atoms) and not padded.
struct NeighborList {
  static constexpr int kRowPadding = 4;

  View<std::int64_t*> begin;  // (local atoms)
  View<int*> count;           // (local atoms) without padding
  View<int*> entry;           // (capacity)
  std::int64_t stride = 1;
  int atoms = 0;      // local atoms
  int filler = 0;     // index of the filler
  double cutoff = 0;  // [length] with skin
  ListShape shape = kPairShape;

  KOKKOS_INLINE_FUNCTION int neighbor(int i, int k) const { return entry(begin(i) + k * stride); }
  /// Pairs held, without padding.
  std::int64_t pairs(const Exec& exec) const;
};

/// What a build looks at: n_local atoms in cell order, then n_ghost ghosts, then one row for the filler.
struct ListInput {
  Box box;
  CellGrid grid;
  ConstQuads x;                  // (n_local + n_ghost + 1, 4)
  View<const std::int64_t*> id;  // (n_local + n_ghost)
  View<const int* [3]>
      ghost_image;  // (n_ghost, 3): the ghost is its owner's atom displaced by image·H
  int n_local = 0;
  int n_ghost = 0;
};

/// Builds lists and keeps their memory from one build to the next.
class NeighborListBuilder {
 public:
  explicit NeighborListBuilder(ListRequest request) : request_(request) {}

  /// Rebuilds `list` with every pair closer than cutoff + skin.
  void build(const Exec& exec, const ListInput& input, double skin, NeighborList& list);

 private:
  ListRequest request_;
};

/// One atom a thread, strided rows; any shape, any backend. Returns entries needed per row; retry if above the capacity.
int build_strided_rows(const Exec& exec, const ListInput& input, const CellList& locals,
                       const CellList& ghosts, NeighborList& list, int row_capacity);

/// One bin a thread, packed and padded rows; host backends. Returns entries needed; retry if above the capacity.
std::int64_t build_packed_rows(const Exec& exec, const ListInput& input, const CellList& locals,
                               const CellList& ghosts, NeighborList& list);

/// True where the half list of i's owner holds the pair (i, ghost j). With a = id of i, b = id of the ghost, n its image:
/// a ≠ b: by order and parity of ids, which balances the owners; a = b: the lexicographically positive image.
KOKKOS_INLINE_FUNCTION bool owns_ghost_pair(std::int64_t a, std::int64_t b, int n0, int n1,
                                            int n2) {
  if (a != b) return ((a + b) % 2 == 0) == (a < b);
  if (n0 != 0) return n0 > 0;
  if (n1 != 0) return n1 > 0;
  return n2 > 0;
}

}  // namespace r1
