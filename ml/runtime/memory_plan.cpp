// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/memory_plan.hpp"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <span>

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

/// Each buffer in turn where it fits best among those that live when it does.
MemoryPlan placed_in(const std::vector<std::size_t>& order, const std::vector<Lifetime>& buffers) {
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

/// Bytes that live at each step.
std::vector<std::size_t> bytes_by_step(const std::vector<Lifetime>& buffers) {
  int steps = 0;
  for (const auto& buffer : buffers) steps = std::max(steps, buffer.last + 1);
  std::vector<std::size_t> starts(static_cast<std::size_t>(steps) + 1), ends(starts), live;
  for (const auto& buffer : buffers) {
    starts[static_cast<std::size_t>(buffer.first)] += aligned(buffer.bytes);
    ends[static_cast<std::size_t>(buffer.last) + 1] += aligned(buffer.bytes);
  }
  std::size_t now = 0;
  for (std::size_t step = 0; step < starts.size(); ++step)
    live.push_back(now = now + starts[step] - ends[step]);
  return live;
}

using Score = std::function<double(const Lifetime& buffer)>;

std::vector<std::size_t> largest_first(const std::vector<Lifetime>& buffers, const Score& score) {
  std::vector<std::size_t> order(buffers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return score(buffers[a]) > score(buffers[b]);
  });
  return order;
}

}  // namespace

/// Orders that are good for some graphs: by size; by size and time; by time; and those first that live when most is needed.
MemoryPlan plan_memory(const std::vector<Lifetime>& buffers) {
  const auto live = bytes_by_step(buffers);
  const auto peak = static_cast<int>(std::max_element(live.begin(), live.end()) - live.begin());
  const auto size = [](const Lifetime& b) { return static_cast<double>(b.bytes); };
  const auto time = [](const Lifetime& b) { return static_cast<double>(b.last) - b.first + 1; };
  const Score scores[] = {size, [&](const Lifetime& b) { return size(b) * time(b); }, time,
                          [&](const Lifetime& b) {
                            const bool at_peak = b.first <= peak && peak <= b.last;
                            return at_peak ? size(b) * 0x1p63 : size(b);
                          },
                          [&](const Lifetime& b) {
                            const bool at_peak = b.first <= peak && peak <= b.last;
                            return at_peak ? time(b) * 0x1p63 : size(b);
                          }};
  MemoryPlan best = placed_in(largest_first(buffers, scores[0]), buffers);
  const auto least = live.empty() ? 0 : live[static_cast<std::size_t>(peak)];
  for (const auto& score : std::span(scores).subspan(1)) {
    if (best.bytes == least) break;
    auto other = placed_in(largest_first(buffers, score), buffers);
    if (other.bytes < best.bytes) best = std::move(other);
  }
  return best;
}

std::size_t least_bytes(const std::vector<Lifetime>& buffers) {
  const auto live = bytes_by_step(buffers);
  return live.empty() ? 0 : *std::max_element(live.begin(), live.end());
}

}  // namespace r1::ml
