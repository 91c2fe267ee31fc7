// Random bits of four blocks at a time, side by side in the vectors of a CPU; the bits are those of TensorRandom::block().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/random.hpp"

#include <cstdint>

namespace r1 {

inline constexpr int kRandomLanes = 4;

/// bits[4 k ... 4 k + 3] = random.block(id, step, block + k). Host only; random_lanes_avx2.cpp or random_lanes_any.cpp.
void random_blocks(const TensorRandom& random, std::uint64_t id, std::uint64_t step,
                   std::uint32_t block, std::uint32_t (&bits)[4 * kRandomLanes]);

}  // namespace r1
