// A chain of pointwise operations as one node: what the pass that fuses them makes (ml/passes/fuse.hpp). Derivatives are taken before.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"
#include "ml/runtime/tile_machine.hpp"

#include <vector>

namespace r1::ml {

/// `program` (whose result types are those of `results`) on `operands`, in the graph `store`.
Values fused(NodeStore& store, const TileProgram& program, const Values& operands,
             const std::vector<Type>& results);

}  // namespace r1::ml
