// Random bits of four blocks at a time, on any CPU.
// SPDX-License-Identifier: Apache-2.0
#include "core/random_rounds.hpp"

namespace r1 {

void random_blocks(const TensorRandom& random, std::uint64_t id, std::uint64_t step,
                   std::uint32_t block, std::uint32_t (&bits)[4 * kRandomLanes]) {
  using random_lanes::Lanes;
  const auto product = [](Lanes a, std::uint32_t b) -> Lanes { return (a & 0xffffffffU) * b; };
  random_lanes::blocks(random, TensorRandom::counter(id, step, block), product, bits);
}

}  // namespace r1
