// Random bits of four blocks at a time, side by side in the vectors of a CPU; the bits are those of TensorRandom::block().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/random.hpp"

#include <cstdint>
#include <cstring>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace r1 {

inline constexpr int kRandomLanes = 4;

namespace random_lanes {

/// 32 bits each, in the lower halves; what is in the upper ones does not matter.
using Lanes = std::uint64_t __attribute__((vector_size(kRandomLanes * sizeof(std::uint64_t))));

/// All 64 bits of the products. Compilers do not see that one instruction does it.
inline Lanes product(Lanes a, std::uint32_t b) {
#ifdef __AVX2__
  return (Lanes)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(b));
#else
  return (a & 0xffffffffU) * b;
#endif
}

/// Two words as one of 64 bits.
inline Lanes joined(Lanes low, Lanes high) { return (low & 0xffffffffU) | (high << 32); }

}  // namespace random_lanes

/// bits[4 k ... 4 k + 3] = random.block(id, step, block + k).
inline void random_blocks(const TensorRandom& random, std::uint64_t id, std::uint64_t step,
                          std::uint32_t block, std::uint32_t (&bits)[4 * kRandomLanes]) {
  using random_lanes::Lanes, random_lanes::joined, random_lanes::product;
  const RandomBits counter = TensorRandom::counter(id, step, block);
  Lanes x[4];
  for (int k = 0; k < 4; ++k) x[k] = Lanes{} + counter[static_cast<std::size_t>(k)];
  x[0] += Lanes{0, 1, 2, 3};
  std::uint32_t key0 = random.key(0), key1 = random.key(1);
  for (int round = 0; round < 10; ++round) {
    const Lanes p0 = product(x[0], 0xD2511F53), p2 = product(x[2], 0xCD9E8D57);
    x[0] = (p2 >> 32) ^ x[1] ^ key0;
    x[2] = (p0 >> 32) ^ x[3] ^ key1;
    x[1] = p2;
    x[3] = p0;
    key0 += 0x9E3779B9;
    key1 += 0xBB67AE85;
  }
  const Lanes first = joined(x[0], x[1]), second = joined(x[2], x[3]);
  const Lanes low = __builtin_shufflevector(first, second, 0, 4, 1, 5),
              high = __builtin_shufflevector(first, second, 2, 6, 3, 7);
  std::memcpy(bits, &low, sizeof low);
  std::memcpy(bits + 8, &high, sizeof high);
}

}  // namespace r1
