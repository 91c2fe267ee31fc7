// What both tile machines need to know of the pointwise functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/pointwise_functions.hpp"

#include <type_traits>

namespace r1::ml {

/// Does the machine that computes in T have F?
template <class F, class T>
concept Computes = std::is_floating_point_v<T> || !requires {
  F::real;
};

template <class F>
constexpr int arity() {
  if constexpr (requires { F::apply(1.0, 1.0, 1.0); })
    return 3;
  else if constexpr (requires { F::apply(1.0, 1.0); })
    return 2;
  else
    return 1;
}

/// A function of one argument and a number.
template <class F, class T>
concept TakesImmediate = arity<F>()
== 1 && requires(T x, pointwise::Immediate i) { F::apply(x, i); };

}  // namespace r1::ml
