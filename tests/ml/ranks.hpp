// For tests on several ranks: who is there, types by their spread, values of ranks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "tests/ml/evaluate.hpp"

#include <cstdint>
#include <utility>

namespace r1::ml::test {

/// The library runs already (the tests' main started it), so this scope joins it.
inline Communicator world() {
  int argc = 0;
  char** argv = nullptr;
  return CommScope(argc, argv).world();
}

struct Ranks {
  Communicator comm = world();
  std::int64_t count = comm.size();
  std::size_t rank = static_cast<std::size_t>(comm.rank()), n = static_cast<std::size_t>(count);
};

inline Type partial(Shape shape) { return {Dtype::f64, std::move(shape), Spread::partial}; }
inline Type sharded(Shape shape) { return {Dtype::f64, std::move(shape), Spread::sharded}; }
inline Type replicated(Shape shape) { return {Dtype::f64, std::move(shape)}; }

/// The same on all ranks where the type says so.
inline Reals random_spread(const Ranks& ranks, const Type& type, std::uint64_t seed) {
  return random_reals(type, -1, 1,
                      type.spread == Spread::replicated ? seed : 100 * (ranks.rank + 1) + seed);
}

}  // namespace r1::ml::test
