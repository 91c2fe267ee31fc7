// Running sums.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

enum class Direction : std::uint8_t { forward, reverse };
enum class Own : std::uint8_t { included, excluded };  // is an element part of its own sum?

Value cumsum(const Value& x, int axis, Direction direction = Direction::forward,
             Own own = Own::included);

}  // namespace r1::ml
