// Kernels that work on rows: an item of work is a row, or a block of rows, and has a group of threads (ml/runtime/groups.hpp). On CPUs the
// group is one thread, whose loops over a row are vector loops. Groups are template arguments so that only the branch of the build's device
// is compiled.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"
#include "ml/runtime/groups.hpp"
#include "ml/runtime/pointwise_functions.hpp"

#include <cstdint>
#include <type_traits>

namespace r1::ml {

struct OneThread {};
using RowTeam = std::conditional_t<kDeviceIsHost, OneThread, Member>;

/// f(i) for i < n, in any order.
template <class Team, class F>
KOKKOS_INLINE_FUNCTION void for_each_in_row([[maybe_unused]] const Team& team, std::int64_t n,
                                            const F& f) {
  if constexpr (kDeviceIsHost) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) f(i);
  } else {
    Kokkos::parallel_for(Kokkos::ThreadVectorRange(team, n), f);
  }
}

/// Independent partial results of a row, so that its loops are vector loops; the order is a function of n alone.
inline constexpr int kRowLanes = 16;

/// The sum of f(i) over i < n; all threads of the group get it.
template <class A, class Team, class F>
KOKKOS_INLINE_FUNCTION A sum_of_row([[maybe_unused]] const Team& team, std::int64_t n, const F& f) {
  if constexpr (kDeviceIsHost) {
    A lanes[kRowLanes] = {};
    std::int64_t i = 0;
    for (; i + kRowLanes <= n; i += kRowLanes)
#pragma omp simd
      for (int lane = 0; lane < kRowLanes; ++lane) lanes[lane] += f(i + lane);
    for (int lane = 0; i < n; ++i, ++lane) lanes[lane] += f(i);
    for (int lane = 1; lane < kRowLanes; ++lane) lanes[0] += lanes[lane];
    return lanes[0];
  } else {
    A total = 0;
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(team, n), [&](std::int64_t i, A& sum) { sum += f(i); }, total);
    return total;
  }
}

/// The largest f(i), i < n; n > 0. A NaN may be lost: what is made of the row afterwards shows it.
template <class A, class Team, class F>
KOKKOS_INLINE_FUNCTION A max_of_row([[maybe_unused]] const Team& team, std::int64_t n, const F& f) {
  if constexpr (kDeviceIsHost) {
    A lanes[kRowLanes];
    for (auto& lane : lanes) lane = f(0);
    std::int64_t i = 0;
    for (; i + kRowLanes <= n; i += kRowLanes)
#pragma omp simd
      for (int lane = 0; lane < kRowLanes; ++lane) {
        const A value = f(i + lane);
        lanes[lane] = value > lanes[lane] ? value : lanes[lane];
      }
    for (; i < n; ++i) lanes[0] = f(i) > lanes[0] ? f(i) : lanes[0];
    for (int lane = 1; lane < kRowLanes; ++lane)
      lanes[0] = lanes[lane] > lanes[0] ? lanes[lane] : lanes[0];
    return lanes[0];
  } else {
    A largest = f(0);
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(team, n),
        [&](std::int64_t i, A& most) { most = f(i) > most ? f(i) : most; },
        Kokkos::Max<A>(largest));
    return largest;
  }
}

template <class F>
struct RowByThread {
  F f;
  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t row) const { f(OneThread(), row); }
};
/// f(team, row) for each row.
template <class F>
void for_each_row(const Exec& exec, const char* label, std::int64_t rows, const F& f) {
  if constexpr (kDeviceIsHost)
    Kokkos::parallel_for(label,
                         Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(exec, 0, rows),
                         RowByThread<F>{f});
  else
    for_each_by_group(exec, label, rows, f);
}

}  // namespace r1::ml
