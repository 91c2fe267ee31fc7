// Kernels whose items of work are each shared by a group of threads that run in step: 32 on GPUs, one on CPUs, where such kernels run so that
// tests reach them. Within an item Kokkos::ThreadVectorRange(member, n) shares a loop, and what it wrote can be read after it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

#include <cstdint>

namespace r1::ml {

using Member = Kokkos::TeamPolicy<Exec>::member_type;

inline constexpr int kGroupThreads = kDeviceIsHost ? 1 : 32;
inline constexpr int kTeamGroups = kDeviceIsHost ? 1 : 8;

/// Teams of groups.
inline Kokkos::TeamPolicy<Exec> team_policy(const Exec& exec, std::int64_t teams) {
  return Kokkos::TeamPolicy<Exec>(exec, static_cast<int>(teams), kTeamGroups, kGroupThreads);
}

template <class F>
struct ByGroups {
  std::int64_t items;
  F f;
  KOKKOS_INLINE_FUNCTION void operator()(const Member& member) const {
    const std::int64_t item =
        static_cast<std::int64_t>(member.league_rank()) * member.team_size() + member.team_rank();
    if (item < items) f(member, item);
  }
};

/// f(member, item) for each item.
template <class F>
void for_each_by_group(const Exec& exec, const char* label, std::int64_t items, const F& f) {
  if (items == 0) return;
  Kokkos::parallel_for(label, team_policy(exec, (items + kTeamGroups - 1) / kTeamGroups),
                       ByGroups<F>{items, f});
}

}  // namespace r1::ml
