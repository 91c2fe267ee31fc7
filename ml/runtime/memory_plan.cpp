// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/memory_plan.hpp"

#include <algorithm>
#include <limits>
#include <numeric>

namespace r1::ml {
namespace {

std::size_t aligned(std::size_t bytes) {
  return (bytes + MemoryPlan::kAlignment - 1) / MemoryPlan::kAlignment * MemoryPlan::kAlignment;
}

struct Block {
  std::size_t begin, end;
};

/// Offset of the smallest gap between `taken` (by begin) that holds `bytes`; else the end of all of them.
std::size_t best_fit(const std::vector<Block>& taken, std::size_t bytes) {
  std::size_t best = 0, best_size = std::numeric_limits<std::size_t>::max(), end = 0;
  for (const auto& block : taken) {
    if (block.begin > end && block.begin - end >= bytes && block.begin - end < best_size) {
      best = end;
      best_size = block.begin - end;
    }
    end = std::max(end, block.end);
  }
  return best_size == std::numeric_limits<std::size_t>::max() ? end : best;
}

}  // namespace

MemoryPlan plan_memory(const std::vector<Lifetime>& buffers) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&buffers](std::size_t a, std::size_t b) {
    return buffers[a].bytes > buffers[b].bytes;
  });
  MemoryPlan plan;
  plan.offsets.resize(buffers.size());
  std::vector<std::size_t> placed;
  std::vector<Block> taken;
  for (const auto k : order) {
    const auto bytes = aligned(buffers[k].bytes);
    taken.clear();
    for (const auto other : placed)
      if (buffers[other].first <= buffers[k].last && buffers[k].first <= buffers[other].last)
        taken.push_back({plan.offsets[other], plan.offsets[other] + aligned(buffers[other].bytes)});
    std::sort(taken.begin(), taken.end(),
              [](const Block& a, const Block& b) { return a.begin < b.begin; });
    plan.offsets[k] = best_fit(taken, bytes);
    plan.bytes = std::max(plan.bytes, plan.offsets[k] + bytes);
    placed.push_back(k);
  }
  return plan;
}

std::size_t least_bytes(const std::vector<Lifetime>& buffers) {
  int steps = 0;
  for (const auto& buffer : buffers) steps = std::max(steps, buffer.last + 1);
  std::vector<std::size_t> starts(static_cast<std::size_t>(steps) + 1), ends(starts);
  for (const auto& buffer : buffers) {
    starts[static_cast<std::size_t>(buffer.first)] += aligned(buffer.bytes);
    ends[static_cast<std::size_t>(buffer.last) + 1] += aligned(buffer.bytes);
  }
  std::size_t now = 0, most = 0;
  for (std::size_t step = 0; step < starts.size(); ++step) {
    now = now + starts[step] - ends[step];
    most = std::max(most, now);
  }
  return most;
}

}  // namespace r1::ml
