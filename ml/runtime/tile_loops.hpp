// The loops of the tile machine for CPUs: one for each pointwise function, and one for each pair of cheap functions, of which the second
// takes what the first gives. A pair saves writing and reading what is between them, which costs more than the arithmetic.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace r1::ml::tile {

/// Over n elements. Arguments may be the result itself, element by element.
template <class T>
using Loop = void (*)(const T* const* arguments, T* result, std::int64_t n, double immediate);

/// Most arguments of a loop.
inline constexpr int kMostArguments = 4;

/// Of function_number(). Error where T is an integer and the function is one of real numbers.
template <class T>
Loop<T> loop_of(int function);

/// Can `inner` be computed in the loop of `outer`, as its argument `position`?
bool has_pair(int outer, int inner, int position);

/// Arguments are those of `inner`, then the other ones of `outer`; has_pair() holds, T is a floating type. Rounds as two loops do.
template <class T>
Loop<T> loop_of_pair(int outer, int inner, int position);

}  // namespace r1::ml::tile
