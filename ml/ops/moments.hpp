// Mean and variance of channels: a composite.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

struct Moments {
  Value mean, variance;  // (C); the variance is the biased one
};

/// Over all axes but 1 of x (N, C, ...).
Moments channel_moments(const Value& x);

}  // namespace r1::ml
