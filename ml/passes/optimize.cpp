// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/optimize.hpp"

#include "ml/passes/channels_last.hpp"
#include "ml/passes/fold.hpp"
#include "ml/passes/fuse.hpp"
#include "ml/passes/reassociate.hpp"
#include "ml/passes/simplify.hpp"

namespace r1::ml {

Graph optimized(const Graph& graph) {
  return fuse(fold(reassociate(simplify(images_with_channels_last(simplify(graph))))));
}

}  // namespace r1::ml
