// Loops of pairs of cheap pointwise functions. Compiled without fused multiply-adds, which would round otherwise than two loops.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "ml/runtime/tile_functions.hpp"
#include "ml/runtime/tile_loops.hpp"
#include "ml/runtime/tile_machine.hpp"

#include <type_traits>

namespace r1::ml::tile {
namespace {

using namespace pointwise;

/// An instruction or two of a processor each.
using CheapFunctions = List<Add, LessEqual, Less, Max, Mul, Neg, Select>;

template <class F>
constexpr bool kCommutes = std::is_same_v<F, Add> || std::is_same_v<F, Mul>;

template <class F, class T>
T first(const T* const* a, std::int64_t k) {
  if constexpr (arity<F>() == 1)
    return F::apply(a[0][k]);
  else if constexpr (arity<F>() == 2)
    return F::apply(a[0][k], a[1][k]);
  else
    return F::apply(a[0][k], a[1][k], a[2][k]);
}

/// F of x as the argument `position`, the others from `a`.
template <class F, int position, class T>
T second(T x, const T* const* a, std::int64_t k) {
  if constexpr (arity<F>() == 1)
    return F::apply(x);
  else if constexpr (arity<F>() == 2)
    return position == 0 ? F::apply(x, a[0][k]) : F::apply(a[0][k], x);
  else if constexpr (position == 0)
    return F::apply(x, a[0][k], a[1][k]);
  else
    return position == 1 ? F::apply(a[0][k], x, a[1][k]) : F::apply(a[0][k], a[1][k], x);
}

template <class Outer, class Inner, int position, class T>
void pair_loop(const T* const* arguments, T* result, std::int64_t n, double /*immediate*/) {
#pragma omp simd
  for (std::int64_t k = 0; k < n; ++k)
    result[k] = second<Outer, position>(first<Inner>(arguments, k), arguments + arity<Inner>(), k);
}

template <class Outer, class Inner, int position, class T>
constexpr Loop<T> pair_if_it_fits() {
  if constexpr (position >= arity<Outer>() || arity<Outer>() + arity<Inner>() - 1 > kMostArguments)
    return nullptr;
  else {
    constexpr int place = kCommutes<Outer> ? 0 : position;  // fewer loops to compile
    return pair_loop<Outer, Inner, place, T>;
  }
}

constexpr int kPositions = 3;

/// Loops of an outer function with each inner one at each position.
template <class T, class Outer, class... Inner>
Loop<T> find_inner(int inner, int position, List<Inner...>) {
  static constexpr Loop<T> all[][kPositions] = {{pair_if_it_fits<Outer, Inner, 0, T>(),
                                                 pair_if_it_fits<Outer, Inner, 1, T>(),
                                                 pair_if_it_fits<Outer, Inner, 2, T>()}...};
  return all[inner][position];
}

template <class T, class... Outer>
Loop<T> find_pair(int outer, int inner, int position, List<Outer...> list) {
  using Find = Loop<T> (*)(int, int, List<Outer...>);
  static constexpr Find all[] = {find_inner<T, Outer, Outer...>...};
  return all[outer](inner, position, list);
}

/// Place of a function among the cheap ones; -1 for another one.
template <class... F>
int cheap_number(int function, List<F...>) {
  int at = 0, found = -1;
  ((F::name == function_name(function) ? found = at++ : at++), ...);
  return found;
}

template <class T>
Loop<T> pair_or_none(int outer, int inner, int position) {
  const int second = cheap_number(outer, CheapFunctions()),
            first = cheap_number(inner, CheapFunctions());
  if (second < 0 || first < 0) return nullptr;
  return find_pair<T>(second, first, position, CheapFunctions());
}

}  // namespace

bool has_pair(int outer, int inner, int position) {
  return pair_or_none<float>(outer, inner, position) != nullptr;
}

template <class T>
Loop<T> loop_of_pair(int outer, int inner, int position) {
  const Loop<T> found = pair_or_none<T>(outer, inner, position);
  R1_ASSERT(found != nullptr);
  return found;
}
template Loop<float> loop_of_pair(int, int, int);
template Loop<double> loop_of_pair(int, int, int);

}  // namespace r1::ml::tile
