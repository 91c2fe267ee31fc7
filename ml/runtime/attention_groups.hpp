// What attention and its gradient have in common on GPUs: a team takes some rows (queries, or keys for their gradients) along tiles of what
// they are multiplied with; a group of threads takes a row, a thread of it a column of the tile.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/attention_kernels.hpp"
#include "ml/runtime/groups.hpp"
#include "ml/runtime/pointwise_functions.hpp"

#include <cstddef>
#include <initializer_list>

namespace r1::ml {

inline constexpr std::int64_t kTeamRows = 16, kTeamColumns = 32;

/// Rows of a matrix (., width): in the team's own memory, or where they are if that is too small.
template <class T>
struct TileRows {
  const T* data;
  std::int64_t pitch;
};

/// The team's own memory.
template <class T>
struct TeamMemory {
  static constexpr std::size_t kMost =
      40 << 10;  // bytes of tiles; what every GPU has for a team is a little more
  static constexpr std::size_t kAlignment = 16;

  /// Rows of tiles are one longer than needed, so that rows that a thread each reads along do not begin in the same bank.
  KOKKOS_INLINE_FUNCTION static std::int64_t tile_elements(std::int64_t width) {
    return kTeamColumns * (width + 1);
  }
  /// For tiles of matrices of these widths together.
  static bool has_room_for(std::int64_t widths) {
    return static_cast<std::size_t>(tile_elements(widths)) * sizeof(T) <= kMost;
  }
  /// Of arrays of so many elements, which take() gives.
  static std::size_t bytes_for(std::initializer_list<std::int64_t> arrays) {
    std::size_t bytes = 0;
    for (const auto elements : arrays)
      bytes += static_cast<std::size_t>(elements) * sizeof(T) + kAlignment;
    return bytes;
  }
  KOKKOS_INLINE_FUNCTION static T* take(const Member& member, std::int64_t elements) {
    return static_cast<T*>(member.team_scratch(0).get_shmem_aligned(
        static_cast<std::size_t>(elements) * sizeof(T), kAlignment));
  }
};

inline std::int64_t blocks_of(std::int64_t rows) { return (rows + kTeamRows - 1) / kTeamRows; }

/// f(member) for so many teams, each with memory of its own.
template <class F>
void run_teams(const Exec& exec, const char* label, std::int64_t teams, std::size_t memory_bytes,
               const F& f) {
  if (teams == 0) return;
  auto policy = team_policy(exec, teams);
  policy.set_scratch_size(0, Kokkos::PerTeam(static_cast<int>(memory_bytes)));
  Kokkos::parallel_for(label, policy, f);
}

/// `count` rows of `width` elements, `pitch` apart, in `memory`; null leaves them where they are.
template <class T>
KOKKOS_INLINE_FUNCTION TileRows<T> tile_rows(const Member& member, const T* from,
                                             std::int64_t pitch, std::int64_t count,
                                             std::int64_t width, T* memory) {
  if (memory == nullptr) return {from, pitch};
  Kokkos::parallel_for(Kokkos::TeamVectorRange(member, count * width), [&](std::int64_t at) {
    memory[at / width * (width + 1) + at % width] = from[at / width * pitch + at % width];
  });
  return {memory, width + 1};
}

template <class T>
KOKKOS_INLINE_FUNCTION T product_with(const TileRows<T>& tile, std::int64_t column, const T* row,
                                      std::int64_t width) {
  const T* other = tile.data + column * tile.pitch;
  T sum = 0;
  for (std::int64_t d = 0; d < width; ++d) sum += row[d] * other[d];
  return sum;
}

/// to[e] = before * to[e] + sum of weights[j] tile[j, e], j < columns: a thread of the group for each e.
template <class T>
KOKKOS_INLINE_FUNCTION void add_weighted(const Member& member, const T* weights,
                                         std::int64_t columns, const TileRows<T>& tile,
                                         std::int64_t width, T before, T* to) {
  Kokkos::parallel_for(Kokkos::ThreadVectorRange(member, width), [&](std::int64_t e) {
    T sum = before * to[e];
    for (std::int64_t j = 0; j < columns; ++j) sum += weights[j] * tile.data[j * tile.pitch + e];
    to[e] = sum;
  });
}

template <class T>
KOKKOS_INLINE_FUNCTION void clear_row(const Member& member, std::int64_t width, T* to) {
  Kokkos::parallel_for(Kokkos::ThreadVectorRange(member, width),
                       [&](std::int64_t e) { to[e] = 0; });
}

}  // namespace r1::ml
