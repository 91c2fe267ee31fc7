// How the tile machine for CPUs brings operands into its registers, and results to where they belong, where they are not read and written
// in their place: other element types, and operands that repeat.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/tile_machine.hpp"

#include <algorithm>

namespace r1::ml::tile {

/// Elements begin to begin + n - 1 of an operand, as the chain sees it.
template <class T>
using Load = void (*)(const void* from, const TileProgram::Operand& operand, std::int64_t begin,
                      std::int64_t n, T* to);

/// `runs` elements from from[at] on, each `divisor` times; a `fixed` one, where it is not 0, makes the inner loop one store.
template <std::int64_t fixed, class From, class T>
void fill_runs(const From* from, const TileProgram::Operand& o, std::int64_t at, std::int64_t runs,
               T* to) {
  const std::int64_t length = fixed > 0 ? fixed : o.divisor;
  for (std::int64_t run = 0; run < runs; ++run, to += length) {
    const auto value = static_cast<T>(from[at]);
    if (++at == o.modulus) at = 0;
    for (std::int64_t k = 0; k < length; ++k) to[k] = value;
  }
}

template <class From, class T>
void fill_whole_runs(const From* from, const TileProgram::Operand& o, std::int64_t at,
                     std::int64_t runs, T* to) {
  switch (o.divisor) {
    case 3:
      return fill_runs<3>(from, o, at, runs, to);
    case 4:
      return fill_runs<4>(from, o, at, runs, to);
    case 8:
      return fill_runs<8>(from, o, at, runs, to);
    case 16:
      return fill_runs<16>(from, o, at, runs, to);
    default:
      return fill_runs<0>(from, o, at, runs, to);
  }
}

/// Each element `divisor` times: the end of a run, whole ones, the beginning of one.
template <class From, class T>
void load_runs(const From* from, const TileProgram::Operand& o, std::int64_t begin, std::int64_t n,
               T* to) {
  const std::int64_t done = begin % o.divisor;
  const std::int64_t first = done == 0 ? 0 : std::min(n, o.divisor - done);
  const std::int64_t runs = (n - first) / o.divisor, last = n - first - runs * o.divisor;
  std::int64_t at = begin / o.divisor % o.modulus;
  if (first > 0) std::fill(to, to + first, static_cast<T>(from[at++ % o.modulus]));
  fill_whole_runs(from, o, at % o.modulus, runs, to + first);
  if (last > 0) std::fill(to + n - last, to + n, static_cast<T>(from[(at + runs) % o.modulus]));
}

/// The same row again and again, from some column on: once from memory, then from what is there.
template <class From, class T>
void load_rows(const From* from, const TileProgram::Operand& o, std::int64_t begin, std::int64_t n,
               T* to) {
  const std::int64_t first = begin % o.modulus, once = std::min(n, o.modulus);
  const std::int64_t before = std::min(once, o.modulus - first);
  for (std::int64_t k = 0; k < before; ++k) to[k] = static_cast<T>(from[first + k]);
  for (std::int64_t k = before; k < once; ++k) to[k] = static_cast<T>(from[k - before]);
  for (std::int64_t k = once; k < n; k += once)
    std::copy(to + k - once, to + std::min(n, k + once) - once, to + k);
}

template <class From, class T>
void load(const void* memory, const TileProgram::Operand& o, std::int64_t begin, std::int64_t n,
          T* to) {
  const auto* from = static_cast<const From*>(memory);
  if (o.modulus == 0) {
    for (std::int64_t k = 0; k < n; ++k) to[k] = static_cast<T>(from[begin + k]);
    return;
  }
  if (o.divisor > 1)
    load_runs(from, o, begin, n, to);
  else
    load_rows(from, o, begin, n, to);
}

template <class T>
using Store = void (*)(const T* from, void* to, std::int64_t begin, std::int64_t n);

template <class To, class T>
void store(const T* from, void* memory, std::int64_t begin, std::int64_t n) {
  auto* to = static_cast<To*>(memory) + begin;
  for (std::int64_t k = 0; k < n; ++k) to[k] = static_cast<To>(from[k]);
}

template <class T>
void store_boolean(const T* from, void* memory, std::int64_t begin, std::int64_t n) {
  auto* to = static_cast<std::uint8_t*>(memory) + begin;
  for (std::int64_t k = 0; k < n; ++k) to[k] = from[k] != T(0) ? 1 : 0;
}

template <class T>
Load<T> load_of(Dtype dtype) {
  return with_type(dtype, []<class From>() -> Load<T> { return load<From, T>; });
}

template <class T>
Store<T> store_of(Dtype dtype) {
  if (dtype == Dtype::boolean) return store_boolean<T>;
  return with_type(dtype, []<class To>() -> Store<T> { return store<To, T>; });
}

}  // namespace r1::ml::tile
