// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/optimize.hpp"

#include "ml/passes/channels_last.hpp"
#include "ml/passes/fold.hpp"
#include "ml/passes/fuse.hpp"
#include "ml/passes/reassociate.hpp"
#include "ml/passes/simplify.hpp"
#include "ml/runtime/conv_kernels.hpp"

namespace r1::ml {

Graph optimized(const Graph& graph) {
  Graph simple = simplify(graph);
  if (convolutions_prefer_channels_last()) simple = simplify(images_with_channels_last(simple));
  return fuse(fold(reassociate(simple)));
}

}  // namespace r1::ml
