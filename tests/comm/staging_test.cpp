// Staging buffers: reuse, sizes, and device data that goes there and back.
// SPDX-License-Identifier: Apache-2.0
#include "comm/staging.hpp"

#include "tests/comm/views.hpp"

#include <gtest/gtest.h>

namespace r1 {
namespace {

TEST(StagingPool, GivesWhatWasAskedFor) {
  const auto pool = StagingPool::make();
  for (const std::size_t bytes : {0u, 1u, 5000u, 1000000u})
    EXPECT_GE(pool->take(bytes).size(), bytes);
}

TEST(StagingPool, ReusesTheSmallestBufferThatFits) {
  const auto pool = StagingPool::make();
  const Exec exec;
  const StagingBuffer small = pool->take(10000), large = pool->take(1000000);
  pool->give_back(large, exec);
  pool->give_back(small, exec);
  EXPECT_EQ(pool->take(9000).data(), small.data());
  EXPECT_EQ(pool->take(9000).data(), large.data());
  const StagingBuffer fresh = pool->take(9000);
  EXPECT_NE(fresh.data(), small.data());
  EXPECT_NE(fresh.data(), large.data());
}

TEST(StagingPool, NeverHandsOutABufferThatIsTooSmall) {
  const auto pool = StagingPool::make();
  pool->give_back(pool->take(100), Exec());
  EXPECT_GE(pool->take(100000).size(), 100000u);
}

TEST(Staging, BringsDeviceDataThereAndBack) {
  const auto pool = StagingPool::make();
  const Exec exec;
  const auto from = device_numbers(777, 3.0);
  const auto to = device_numbers(777, 0.0);
  const std::size_t bytes = 777 * sizeof(double);
  const StagingBuffer buffer = pool->take(bytes);
  copy_to_staging(exec, buffer, from.data(), bytes);
  copy_from_staging(exec, to.data(), buffer, bytes);
  exec.fence();
  EXPECT_EQ(host_numbers(to), host_numbers(from));
}

}  // namespace
}  // namespace r1
