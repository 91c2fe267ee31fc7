// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/memory_plan.hpp"

#include <gtest/gtest.h>

#include <random>

namespace r1::ml {
namespace {

void expect_no_overlap(const std::vector<Lifetime>& buffers, const MemoryPlan& plan) {
  for (std::size_t a = 0; a < buffers.size(); ++a) {
    EXPECT_EQ(plan.offsets[a] % MemoryPlan::kAlignment, 0U);
    EXPECT_LE(plan.offsets[a] + buffers[a].bytes, plan.bytes);
    for (std::size_t b = 0; b < a; ++b) {
      const bool together =
          buffers[a].first <= buffers[b].last && buffers[b].first <= buffers[a].last;
      const bool apart = plan.offsets[a] + buffers[a].bytes <= plan.offsets[b] ||
                         plan.offsets[b] + buffers[b].bytes <= plan.offsets[a];
      EXPECT_TRUE(!together || apart) << a << " and " << b;
    }
  }
}

TEST(MemoryPlan, ReusesWhatIsNotNeededAnyMore) {
  const std::vector<Lifetime> chain{{1024, 0, 1}, {1024, 1, 2}, {1024, 2, 3}, {1024, 3, 4}};
  const auto plan = plan_memory(chain);
  expect_no_overlap(chain, plan);
  EXPECT_EQ(plan.bytes, 2048U);
}

TEST(MemoryPlan, OfRandomLifetimesIsSoundAndTight) {
  std::mt19937 generator(3);
  double worst = 1;
  for (int trial = 0; trial < 20; ++trial) {
    std::vector<Lifetime> buffers;
    for (int k = 0; k < 200; ++k) {
      const int first = static_cast<int>(generator() % 100);
      buffers.push_back(
          {generator() % 100000 + 1, first, first + static_cast<int>(generator() % 8)});
    }
    const auto plan = plan_memory(buffers);
    expect_no_overlap(buffers, plan);
    worst = std::max(worst,
                     static_cast<double>(plan.bytes) / static_cast<double>(least_bytes(buffers)));
  }
  EXPECT_LT(worst, 1.25) << "of the lower bound";
}

TEST(MemoryPlan, OfNothingIsEmpty) { EXPECT_EQ(plan_memory({}).bytes, 0U); }

}  // namespace
}  // namespace r1::ml
