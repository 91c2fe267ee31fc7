// Loops of single pointwise functions.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/tile_loops.hpp"

#include "core/error.hpp"
#include "ml/runtime/tile_functions.hpp"
#include "ml/runtime/tile_machine.hpp"

#include <string>

namespace r1::ml::tile {
namespace {

using pointwise::Functions;
using pointwise::Immediate;

/// A function whose vector loop is right for arguments near 0 alone.
template <class F, class T>
concept HasNear = std::is_same_v<T, float> && requires(T x) {
  F::is_near(x);
  F::apply_near(x);
};

/// false: there are arguments that are not near.
template <class F, class T>
bool apply_near(const T* a, T* result, std::int64_t n) {
  int far = 0;
#pragma omp simd reduction(| : far)
  for (std::int64_t k = 0; k < n; ++k) far |= F::is_near(a[k]) ? 0 : 1;
  if (far != 0) return false;
#pragma omp simd
  for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply_near(a[k]);
  return true;
}

template <class F, class T>
void loop(const T* const* arguments, T* result, std::int64_t n, [[maybe_unused]] double immediate) {
  const T* a = arguments[0];
  if constexpr (TakesImmediate<F, T>) {
#pragma omp simd
    for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply(a[k], Immediate{immediate});
  } else if constexpr (arity<F>() == 1) {
    if constexpr (HasNear<F, T>)
      if (apply_near<F>(a, result, n)) return;
#pragma omp simd
    for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply(a[k]);
  } else if constexpr (arity<F>() == 2) {
    const T* b = arguments[1];
#pragma omp simd
    for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply(a[k], b[k]);
  } else {
    const T *b = arguments[1], *c = arguments[2];
#pragma omp simd
    for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply(a[k], b[k], c[k]);
  }
}

template <class F, class T>
constexpr Loop<T> loop_if_it_computes() {
  if constexpr (Computes<F, T>)
    return loop<F, T>;
  else
    return nullptr;
}

template <class T, class... F>
Loop<T> find_loop(int function, pointwise::List<F...>) {
  static constexpr Loop<T> all[] = {loop_if_it_computes<F, T>()...};
  return all[function];
}

}  // namespace

template <class T>
Loop<T> loop_of(int function) {
  const Loop<T> found = find_loop<T>(function, Functions());
  if (found == nullptr) throw Error(std::string(function_name(function)) + " is not for integers");
  return found;
}
template Loop<float> loop_of(int);
template Loop<double> loop_of(int);
template Loop<std::int64_t> loop_of(int);

}  // namespace r1::ml::tile
