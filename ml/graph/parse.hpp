// Graphs from text, as dump() writes it. Lines, with their parts apart by single or more spaces:
//   %k = OPERATION %operand ... {name=value ...} : TYPE, ...  # place in the model
//   data "name" = %k      parameter "name" = %k      state "name" = %k
//   output "name" = %k    update "name" = %k
// k counts nodes from 0; result r of a node with several is %k.r. Values: integers 3, reals 0.5 (always with '.', 'e', "inf" or "nan"; a
// NaN with its bits as nan(7ff8000000000001)), "text", element types f32, lists [1, 2] and [0.5, 1.0], an empty list of reals as reals[].
// Text: '"' and '\' are escaped by '\', control characters are \xHH.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

#include <string_view>

namespace r1::ml {

class OpRegistry;

/// The graph of which dump() gave `text`; operations are found in `registry`, so fused chains, which a pass makes anew, are refused.
/// ConfigError with line and column for text that is none of a sound graph, whatever it is; nothing is computed, and memory is taken in
/// proportion to the text.
Graph parse_graph(std::string_view text, const OpRegistry& registry);

}  // namespace r1::ml
