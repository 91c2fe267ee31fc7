// Normalisations over the last axis, with a scale and a shift for each feature: composites.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// (x - mean)/sqrt(variance + epsilon) scale + shift over the last axis (Ba, Kiros, Hinton, arXiv:1607.06450). x (N, ..., C), scale (C), shift
/// (C) or no value.
Value layer_norm(const Value& x, const Value& scale, const Value& shift, double epsilon = 1e-5);
/// x/sqrt(mean of squares + epsilon) scale (Zhang, Sennrich, arXiv:1910.07467).
Value rms_norm(const Value& x, const Value& scale, double epsilon = 1e-5);

}  // namespace r1::ml
