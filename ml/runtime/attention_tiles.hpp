// What attention and its gradient have in common on CPUs: tiles of queries that go along tiles of keys, and scores.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/attention_kernels.hpp"
#include "ml/runtime/rows.hpp"
#include "ml/runtime/tile_product.hpp"
#include "ml/runtime/tile_transpose.hpp"

#include <algorithm>

namespace r1::ml {

/// Rows of matrices with a column for each key: the last tile computes some in vain.
template <class T>
KOKKOS_INLINE_FUNCTION std::int64_t key_row(const AttentionSizes& sizes) {
  return sizes.keys + kTileColumns<T>;
}

inline constexpr std::int64_t kTileQueries = 16, kTileKeys = 64;  // at most

/// Some queries and some of the keys that they see.
struct AttentionTile {
  std::int64_t query, queries;  // the first one, how many
  std::int64_t key, keys;
};

/// Items of work are shared out to so many workers, each with memory of its own; which worker does what changes no bit.
inline std::int64_t workers_for(std::int64_t items) {
  return std::clamp<std::int64_t>(Exec().concurrency(), 1, std::max<std::int64_t>(items, 1));
}

struct AttentionTiles : AttentionShape {
  /// Keys of the tile that its query `i` sees, counted from the tile's first one.
  KOKKOS_INLINE_FUNCTION KeyRange seen_in(const AttentionTile& tile, std::int64_t i) const {
    KeyRange seen = seen_by(tile.query + i, 1);
    seen.begin = seen.begin > tile.key ? seen.begin - tile.key : 0;
    seen.end = seen.end - tile.key < tile.keys ? seen.end - tile.key : tile.keys;
    return seen.begin < seen.end ? seen : KeyRange{0, 0};
  }

  /// to (width, key_row): column n is row n of x (keys, width), rows `pitch` apart; zeros after the last one.
  template <class Team, class T>
  void transpose(const Team& team, const T* x, std::int64_t pitch, std::int64_t width,
                 std::int64_t count, T* to) const {
    const std::int64_t row = key_row<T>(sizes);
    transpose_rows(x, count, width, pitch, to, row);
    for_each_in_row(team, width * kTileColumns<T>, [&](std::int64_t at) {
      to[at / kTileColumns<T> * row + count + at % kTileColumns<T>] = 0;
    });
  }

  /// to (queries, kTileKeys) = a (queries, width) transposed (width, key_row), from column `first` on; rows of a are `pitch` apart.
  template <class T>
  KOKKOS_INLINE_FUNCTION void products(const AttentionTile& tile, const T* a, std::int64_t pitch,
                                       std::int64_t width, const T* transposed, std::int64_t first,
                                       T* to) const {
    constexpr std::int64_t kColumns = kTileColumns<T>;
    const std::int64_t columns = (tile.keys + kColumns - 1) / kColumns * kColumns;
    tile_product<Sum::replaces>(tile.queries, columns, width, Strided<const T>{a, pitch, 1},
                                transposed + first, key_row<T>(sizes), to, kTileKeys);
  }

  /// f(tile) for the tiles of keys that these queries see.
  template <class F>
  KOKKOS_INLINE_FUNCTION void for_each_tile(std::int64_t query, std::int64_t queries,
                                            const F& f) const {
    const KeyRange all = seen_by(query, queries);
    for (std::int64_t key = all.begin; key < all.end; key += kTileKeys)
      f(AttentionTile{query, queries, key, all.end - key < kTileKeys ? all.end - key : kTileKeys});
  }
};

}  // namespace r1::ml
