// Normalisations over the last axis, with a scale and a shift for each feature.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/model_trace.hpp"

namespace r1::ml {

enum class Shift : std::uint8_t { none, learned };

/// (x - mean)/sqrt(variance + epsilon) scale + shift over the last axis (Ba, Kiros, Hinton, arXiv:1607.06450). x (N, ..., C), scale (C), shift
/// (C) or no value.
Value layer_norm(const Value& x, const Value& scale, const Value& shift, double epsilon = 1e-5);
/// x/sqrt(mean of squares + epsilon) scale (Zhang, Sennrich, arXiv:1910.07467).
Value rms_norm(const Value& x, const Value& scale, double epsilon = 1e-5);

/// layer_norm with parameters `name`.scale, one at the start, and, if learned, `name`.shift, zero at the start.
Value layer_norm_layer(ModelTrace& trace, const std::string& name, const Value& x, Shift shift);

}  // namespace r1::ml
