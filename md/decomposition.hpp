// Brick decomposition: the cell is cut into a grid of equal bricks in fractional coordinates, one per rank; brick (i, j, k) is
// rank (k·py + j)·px + i. The grid minimises the surface between bricks, so long thin cells are cut along their length.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/box.hpp"
#include "core/cells.hpp"

#include <optional>
#include <vector>

namespace r1::md {

/// A brick that needs ghosts from this rank's, or this rank's own across a periodic face.
struct Neighbor {
  int rank;     // who owns the brick
  Int3 offset;  // bricks from here, along a, b, c; (0, 0, 0) is left out
  Int3 image;   // image that an atom of this rank gets there: x_ghost = x + image·H
};

class Decomposition {
 public:
  /// `grid` fixes the bricks along a, b, c (their product must be `ranks`, else Error); without it the best is searched.
  Decomposition(const Box& box, int ranks, int rank, std::optional<Int3> grid = std::nullopt);

  const Int3& grid() const { return grid_; }
  const Int3& here() const { return here_; }  // this rank's brick
  Brick brick() const;  // its bounds; outer faces of open directions are not extended

  int rank_of(const Int3& brick) const {
    return (brick[2] * grid_[1] + brick[1]) * grid_[0] + brick[0];
  }
  KOKKOS_INLINE_FUNCTION static int brick_of(double s, int bricks) {
    const double at = s * bricks;
    if (!(at > 0)) return 0;
    return at >= bricks ? bricks - 1 : static_cast<int>(at);
  }

  /// All bricks within `halo` of this one, in ascending order of (rank != own, offset): as far as several cells away where the
  /// cell or the brick is thin.
  std::vector<Neighbor> neighbors(const Box& box, double halo) const;
  /// Bricks that `halo` reaches along direction d.
  int reach(const Box& box, double halo, int d) const;

 private:
  Int3 grid_{1, 1, 1};
  Int3 here_{0, 0, 0};
  int rank_ = 0;
};

/// The grid of `ranks` bricks with the least surface in `box`.
Int3 best_grid(const Box& box, int ranks);

}  // namespace r1::md
