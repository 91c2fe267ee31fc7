// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// (x - mean)/sqrt(variance + epsilon) scale + shift, mean and variance over the C/groups channels of a group, all their values, in each
/// sample (Wu, He, arXiv:1803.08494). x (N, C, ...), scale and shift (C). Throws ShapeError where groups do not divide C.
Value group_norm(const Value& x, std::int64_t groups, const Value& scale, const Value& shift,
                 double epsilon = 1e-5);

}  // namespace r1::ml
