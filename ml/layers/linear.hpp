// The affine map of the last axis, for layers that are made of several.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/model_trace.hpp"

namespace r1::ml {

enum class Bias : std::uint8_t { no, yes };

/// x (N, ..., C) -> (N, ..., features), with parameters "weight" (C, features) and, if wanted, "bias", zero at the start.
Value linear(ModelTrace& trace, const Value& x, std::int64_t features, Initial weight, Bias bias);

}  // namespace r1::ml
