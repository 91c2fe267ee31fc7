// Normalisations over the last axis as parts of models: with parameters.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/model_trace.hpp"

namespace r1::ml {

enum class Shift : std::uint8_t { none, learned };

/// layer_norm with parameters `name`.scale, one at the start, and, if learned, `name`.shift, zero at the start.
Value layer_norm_layer(ModelTrace& trace, const std::string& name, const Value& x, Shift shift);

}  // namespace r1::ml
