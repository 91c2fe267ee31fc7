// Random bits of four blocks at a time with AVX2: compilers do not see that one instruction multiplies the lower halves.
// SPDX-License-Identifier: Apache-2.0
#include "core/random_rounds.hpp"

#include <immintrin.h>

namespace r1 {

void random_blocks(const TensorRandom& random, std::uint64_t id, std::uint64_t step,
                   std::uint32_t block, std::uint32_t (&bits)[4 * kRandomLanes]) {
  using random_lanes::Lanes;
  const auto product = [](Lanes a, std::uint32_t b) {
    return (Lanes)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(b));
  };
  random_lanes::blocks(random, TensorRandom::counter(id, step, block), product, bits);
}

}  // namespace r1
