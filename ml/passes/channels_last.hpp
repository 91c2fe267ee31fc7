// The layout of images. Models are written for (N, C, H, W), and libraries are fastest where the channels of a place lie together: convolutions
// and pooling compute in that order, and what is pointwise between them follows, so that axes are moved at the borders alone.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/graph.hpp"

namespace r1::ml {

/// The same function, to rounding: sums over images are taken in another order.
Graph images_with_channels_last(const Graph& graph);

}  // namespace r1::ml
