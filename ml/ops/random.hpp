// Random numbers in a graph: no state, so that a run that goes on, or runs on other ranks, draws the same ones.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

#include <cstdint>
#include <string>

namespace r1::ml {

/// What the numbers depend on beside their use. All i64.
struct RandomKey {
  Value seed;     // ()
  Value step;     // ()
  Value samples;  // (N): identities of the samples of a batch
};

/// u32 (N, extents...), uniform over all 32 bits; a function of seed, step, sample, `stream` and the element's place in the sample.
Value random_bits(const RandomKey& key, std::int64_t stream, const Integers& extents);

/// Boolean (N, extents...): true where random_bits() of the same would be below `probability` 2^32.
Value random_choice(const RandomKey& key, std::int64_t stream, const Integers& extents,
                    double probability);

/// A number for the place of a layer in a model: the same in every build.
std::int64_t stream_of(const std::string& path);

}  // namespace r1::ml
