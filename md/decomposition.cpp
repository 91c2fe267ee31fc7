// SPDX-License-Identifier: Apache-2.0
#include "md/decomposition.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

namespace r1::md {

Int3 best_grid(const Box& box, int ranks) {
  Int3 best{1, 1, ranks};
  double least = std::numeric_limits<double>::max();
  for (int px = 1; px <= ranks; ++px) {
    if (ranks % px != 0) continue;
    for (int py = 1; py <= ranks / px; ++py) {
      if ((ranks / px) % py != 0) continue;
      const Int3 grid{px, py, ranks / px / py};
      double edge[3];
      for (int d = 0; d < 3; ++d) edge[d] = box.width[d] / grid[d];
      const double surface = edge[0] * edge[1] + edge[1] * edge[2] + edge[2] * edge[0];
      // Ties go to the first: cuts along c, whose ghosts are then contiguous in memory.
      if (surface < least * (1 - 1e-12)) {
        least = surface;
        best = grid;
      }
    }
  }
  return best;
}

Decomposition::Decomposition(const Box& box, int ranks, int rank, std::optional<Int3> grid)
    : grid_(grid ? *grid : best_grid(box, ranks)), rank_(rank) {
  if (grid_[0] * grid_[1] * grid_[2] != ranks)
    throw Error("a grid of " + std::to_string(grid_[0]) + " x " + std::to_string(grid_[1]) + " x " +
                std::to_string(grid_[2]) + " bricks needs " +
                std::to_string(grid_[0] * grid_[1] * grid_[2]) + " ranks, this run has " +
                std::to_string(ranks));
  here_ = {rank % grid_[0], rank / grid_[0] % grid_[1], rank / (grid_[0] * grid_[1])};
}

Brick Decomposition::brick() const {
  Brick brick;
  for (int d = 0; d < 3; ++d) {
    brick.low[d] = static_cast<double>(here_[d]) / grid_[d];
    brick.high[d] = static_cast<double>(here_[d] + 1) / grid_[d];
  }
  return brick;
}

int Decomposition::reach(const Box& box, double halo, int d) const {
  return static_cast<int>(std::ceil(halo * grid_[d] / box.width[d] * (1 + 1e-12)));
}

std::vector<Neighbor> Decomposition::neighbors(const Box& box, double halo) const {
  std::vector<Neighbor> found;
  Int3 reach_of;
  for (int d = 0; d < 3; ++d) reach_of[d] = reach(box, halo, d);
  for (int oc = -reach_of[2]; oc <= reach_of[2]; ++oc)
    for (int ob = -reach_of[1]; ob <= reach_of[1]; ++ob)
      for (int oa = -reach_of[0]; oa <= reach_of[0]; ++oa) {
        const Int3 offset{oa, ob, oc};
        Int3 brick, image;
        bool exists = oa != 0 || ob != 0 || oc != 0;
        for (int d = 0; d < 3; ++d) {
          const int unwrapped = here_[d] + offset[d];
          const int cells = static_cast<int>(std::floor(static_cast<double>(unwrapped) / grid_[d]));
          brick[d] = unwrapped - cells * grid_[d];
          image[d] = -cells;  // seen from the next cell, this rank's atoms lie one cell back
          exists = exists && (cells == 0 || box.periodic[d]);
        }
        if (exists) found.push_back({rank_of(brick), offset, image});
      }
  std::stable_sort(found.begin(), found.end(), [&](const Neighbor& a, const Neighbor& b) {
    return std::pair(a.rank != rank_, a.rank) < std::pair(b.rank != rank_, b.rank);
  });
  return found;
}

}  // namespace r1::md
