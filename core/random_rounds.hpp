// The ten rounds of Philox (Salmon et al., SC 2011) on four blocks side by side, given how lanes are multiplied.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/random_lanes.hpp"

#include <cstdint>
#include <cstring>

namespace r1::random_lanes {

/// 32 bits each, in the lower halves; what is in the upper ones does not matter.
using Lanes = std::uint64_t __attribute__((vector_size(kRandomLanes * sizeof(std::uint64_t))));

/// Two words as one of 64 bits.
inline Lanes joined(Lanes low, Lanes high) { return (low & 0xffffffffU) | (high << 32); }

/// As random_blocks(). product(a, b): all 64 bits of the products of a's lower halves and b.
template <class Product>
void blocks(const TensorRandom& random, const RandomBits& counter, const Product& product,
            std::uint32_t (&bits)[4 * kRandomLanes]) {
  Lanes x[4];
  for (int k = 0; k < 4; ++k) x[k] = Lanes{} + counter[static_cast<std::size_t>(k)];
  x[0] += Lanes{0, 1, 2, 3};
  std::uint32_t key0 = random.key(0), key1 = random.key(1);
  for (int round = 0; round < 10; ++round) {
    const Lanes p0 = product(x[0], 0xD2511F53U), p2 = product(x[2], 0xCD9E8D57U);
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

}  // namespace r1::random_lanes
