// Where buffers lie in one arena, from when they are needed: two that are needed at the same time do not overlap.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

namespace r1::ml {

struct Lifetime {
  std::size_t bytes;
  int first, last;  // steps of the schedule, both included
};

struct MemoryPlan {
  static constexpr std::size_t kAlignment = 256;
  std::vector<std::size_t> offsets;  // by buffer
  std::size_t bytes = 0;             // of the arena
};

/// The largest buffers first, each into the smallest gap that it fits (best fit).
MemoryPlan plan_memory(const std::vector<Lifetime>& buffers);

/// What no plan can be below: the largest sum of buffers that are needed at one step.
std::size_t least_bytes(const std::vector<Lifetime>& buffers);

}  // namespace r1::ml
