// Convolution of images, for layers and models that are made of several.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/linear.hpp"

#include <optional>

namespace r1::ml {

struct Conv2dOptions {
  std::int64_t out_channels = 1;
  Integers kernel, stride{1, 1}, padding{0, 0}, dilation{1, 1};  // of height and width
  std::int64_t groups = 1;
  Bias bias = Bias::yes;
  std::optional<Initial> weight{};  // none: uniform in +-1/sqrt(C/groups K L), as the bias
};

/// x (N, C, H, W)  ->  (N, O, H', W'), with parameters "weight" (O, C/groups, K, L) and, if wanted, "bias" (O).
Value conv2d(ModelTrace& trace, const Value& x, const Conv2dOptions& options);

}  // namespace r1::ml
