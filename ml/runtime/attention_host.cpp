// Attention on CPUs, in tiles (Rabe, Staats, arXiv:2112.05682; Dao et al., arXiv:2205.14135): some queries go along the keys that they see, a tile at a
// time, and each keeps its largest score, the sum of its exponentials and the sum of its values, which it scales down when a larger
// score turns up. An item of work is a block of queries of a batch.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/attention_tiles.hpp"
#include "ml/runtime/dispatch.hpp"

namespace r1::ml {
namespace {

constexpr std::int64_t kBlock = 128;  // queries

template <class T>
struct AttentionForward {
  AttentionTiles tiles;
  T scale;
  const T *q, *k, *v;
  T *y, *log_sum;
  T* scratch;  // (workers, elements)
  std::int64_t workers, elements;

  /// What a worker has for itself.
  struct Own {
    T* keys;            // (D, key_row): those that its block sees, transposed
    T* scores;          // (kTileQueries, kTileKeys)
    T *sums, *largest;  // (kTileQueries)
    std::int64_t first_key;
  };
  static std::int64_t elements_for(const AttentionSizes& s) {
    return s.width * key_row<T>(s) + kTileQueries * (kTileKeys + 2);
  }

  KOKKOS_INLINE_FUNCTION void operator()(const RowTeam& team, std::int64_t worker) const {
    const auto& s = tiles.sizes;
    const std::int64_t blocks = (s.queries + kBlock - 1) / kBlock;
    Own own{scratch + worker * elements, nullptr, nullptr, nullptr, 0};
    own.scores = own.keys + s.width * key_row<T>(s);
    own.sums = own.scores + kTileQueries * kTileKeys;
    own.largest = own.sums + kTileQueries;
    for (std::int64_t item = worker; item < s.batches * blocks; item += workers) {
      const std::int64_t batch = item / blocks, begin = item % blocks * kBlock;
      const std::int64_t end = begin + kBlock < s.queries ? begin + kBlock : s.queries;
      const KeyRange seen = tiles.seen_by(begin, end - begin);
      own.first_key = seen.begin;
      tiles.transpose(team, k + tiles.k.at(batch, seen.begin), tiles.k.row, s.width,
                      seen.end - seen.begin, own.keys);
      for (std::int64_t query = begin; query < end; query += kTileQueries)
        queries_of(team, batch, query, end - query < kTileQueries ? end - query : kTileQueries,
                   own);
    }
  }

  template <class Team>
  KOKKOS_INLINE_FUNCTION void queries_of(const Team& team, std::int64_t batch, std::int64_t query,
                                         std::int64_t queries, const Own& own) const {
    const auto& s = tiles.sizes;
    const T* own_q = q + tiles.q.at(batch, query);
    T* to = y + tiles.y.at(batch, query);
    for (std::int64_t i = 0; i < queries; ++i) {
      for_each_in_row(team, s.value_width, [&](std::int64_t e) { to[i * tiles.y.row + e] = 0; });
      own.sums[i] = 0;
      own.largest[i] = -Kokkos::Experimental::infinity_v<T>;
    }
    tiles.for_each_tile(query, queries, [&](const AttentionTile& tile) {
      tiles.products(tile, own_q, tiles.q.row, s.width, own.keys, tile.key - own.first_key,
                     own.scores);
      for (std::int64_t i = 0; i < queries; ++i) exponentials(team, tile, i, own, to);
      tile_product<Sum::adds>(queries, s.value_width, tile.keys,
                              Strided<const T>{own.scores, kTileKeys, 1},
                              v + tiles.v.at(batch, tile.key), tiles.v.row, to, tiles.y.row);
    });
    for (std::int64_t i = 0; i < queries; ++i) {
      const T sum = own.sums[i];
      for_each_in_row(team, s.value_width, [&](std::int64_t e) { to[i * tiles.y.row + e] /= sum; });
      log_sum[batch * s.queries + query + i] = own.largest[i] + Kokkos::log(sum);
    }
  }

  /// Scores of query `i` become exponentials; what came before is scaled down to the largest score so far.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void exponentials(const Team& team, const AttentionTile& tile,
                                           std::int64_t i, const Own& own, T* to) const {
    const KeyRange seen = tiles.seen_in(tile, i);
    T *row = own.scores + i * kTileKeys, *visible = row + seen.begin;
    const std::int64_t n = seen.end - seen.begin;
    for_each_in_row(team, seen.begin, [&](std::int64_t j) { row[j] = 0; });
    for_each_in_row(team, tile.keys - seen.end, [&](std::int64_t j) { row[seen.end + j] = 0; });
    if (n == 0) return;
    const T before = own.largest[i], factor = scale;
    const T most = max_of_row<T>(team, n, [&](std::int64_t j) { return visible[j] * factor; });
    const T now = most > before ? most : before;
    const T kept = pointwise::Exp::apply(before - now);
    for_each_in_row(team, n, [&](std::int64_t j) {
      visible[j] = pointwise::Exp::apply(visible[j] * factor - now);
    });
    const T sum =
        own.sums[i] * kept + sum_of_row<T>(team, n, [&](std::int64_t j) { return visible[j]; });
    if (kept != T(1))
      for_each_in_row(team, tiles.sizes.value_width,
                      [&](std::int64_t e) { to[i * tiles.y.row + e] *= kept; });
    own.sums[i] = sum;
    own.largest[i] = now;
  }
};

class AttentionKernel final : public Kernel {
 public:
  explicit AttentionKernel(const KernelRequest& request)
      : dtype_(request.operands[0].dtype),
        tiles_{AttentionShape(request)},
        workers_(
            workers_for(tiles_.sizes.batches * ((tiles_.sizes.queries + kBlock - 1) / kBlock))) {}
  std::size_t scratch_bytes() const override {
    return with_real_type(dtype_, [&]<class T>() {
      const auto each = AttentionForward<T>::elements_for(tiles_.sizes);
      return static_cast<std::size_t>(workers_ * each) * sizeof(T);
    });
  }
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      const auto in = tiles_.qkv<const T>(launch.operands);
      const auto out = [&](std::size_t k) { return static_cast<T*>(launch.results[k]); };
      const AttentionForward<T> forward{tiles_,   static_cast<T>(tiles_.sizes.scale()),
                                        in[0],    in[1],
                                        in[2],    out(0),
                                        out(1),   static_cast<T*>(launch.scratch),
                                        workers_, AttentionForward<T>::elements_for(tiles_.sizes)};
      for_each_row(launch.exec, "r1::ml::attention", workers_, forward);
    });
  }

 private:
  Dtype dtype_;
  AttentionTiles tiles_;
  std::int64_t workers_;
};

}  // namespace

std::unique_ptr<Kernel> host_attention_kernel(const KernelRequest& request) {
  return std::make_unique<AttentionKernel>(request);
}

}  // namespace r1::ml
