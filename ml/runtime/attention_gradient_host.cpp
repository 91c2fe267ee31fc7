// The gradient of attention on CPUs, in tiles: scores are computed again, tile by tile. An item of work is a batch, so that the sums over queries for
// its keys and values have one order.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/attention_tiles.hpp"
#include "ml/runtime/dispatch.hpp"

namespace r1::ml {
namespace {

template <class T>
struct AttentionBackward {
  AttentionTiles tiles;
  T scale;
  const T *q, *k, *v, *y, *log_sum, *dy;
  T *dq, *dk, *dv;  // as q, k, v
  T* scratch;       // (workers, elements)
  std::int64_t workers, elements;

  /// What a worker has for itself.
  struct Own {
    T *keys, *values;  // (D, key_row), (E, key_row): transposed
    T *p, *z;          // (kTileQueries, kTileKeys)
  };
  static std::int64_t elements_for(const AttentionSizes& s) {
    return (s.width + s.value_width) * key_row<T>(s) + 2 * kTileQueries * kTileKeys;
  }

  KOKKOS_INLINE_FUNCTION void operator()(const RowTeam& team, std::int64_t worker) const {
    const auto& s = tiles.sizes;
    Own own{scratch + worker * elements, nullptr, nullptr, nullptr};
    own.values = own.keys + s.width * key_row<T>(s);
    own.p = own.values + s.value_width * key_row<T>(s);
    own.z = own.p + kTileQueries * kTileKeys;
    for (std::int64_t batch = worker; batch < s.batches; batch += workers) {
      clear(team, tiles.q, batch, s.queries, s.width, dq);
      clear(team, tiles.k, batch, s.keys, s.width, dk);
      clear(team, tiles.v, batch, s.keys, s.value_width, dv);
      tiles.transpose(team, k + tiles.k.at(batch, 0), tiles.k.row, s.width, s.keys, own.keys);
      tiles.transpose(team, v + tiles.v.at(batch, 0), tiles.v.row, s.value_width, s.keys,
                      own.values);
      for (std::int64_t query = 0; query < s.queries; query += kTileQueries)
        tiles.for_each_tile(query,
                            s.queries - query < kTileQueries ? s.queries - query : kTileQueries,
                            [&](const AttentionTile& tile) { add_tile(team, batch, tile, own); });
    }
  }

  template <class Team>
  KOKKOS_INLINE_FUNCTION static void clear(const Team& team, const HeadRows& rows,
                                           std::int64_t batch, std::int64_t count,
                                           std::int64_t width, T* x) {
    for (std::int64_t i = 0; i < count; ++i) {
      T* row = x + rows.at(batch, i);
      for_each_in_row(team, width, [&](std::int64_t d) { row[d] = 0; });
    }
  }

  template <class Team>
  KOKKOS_INLINE_FUNCTION void add_tile(const Team& team, std::int64_t batch,
                                       const AttentionTile& tile, const Own& own) const {
    const auto& s = tiles.sizes;
    const std::int64_t queries = tiles.q.at(batch, tile.query), keys = tiles.k.at(batch, tile.key),
                       values = tiles.v.at(batch, tile.key);
    const T *own_q = q + queries, *own_dy = dy + tiles.y.at(batch, tile.query);
    tiles.products(tile, own_q, tiles.q.row, s.width, own.keys, tile.key, own.p);
    tiles.products(tile, own_dy, tiles.y.row, s.value_width, own.values, tile.key, own.z);
    for (std::int64_t i = 0; i < tile.queries; ++i) slopes(team, batch, tile, i, own);
    const Strided<const T> p_transposed{own.p, 1, kTileKeys}, z{own.z, kTileKeys, 1},
        z_transposed{own.z, 1, kTileKeys};
    tile_product<Sum::adds>(tile.keys, s.value_width, tile.queries, p_transposed, own_dy,
                            tiles.y.row, dv + values, tiles.v.row);
    tile_product<Sum::adds>(tile.queries, s.width, tile.keys, z, k + keys, tiles.k.row,
                            dq + queries, tiles.q.row);
    tile_product<Sum::adds>(tile.keys, s.width, tile.queries, z_transposed, own_q, tiles.q.row,
                            dk + keys, tiles.k.row);
  }

  /// Of query `i` of the tile: scores become p, and products of dy and v become z.
  template <class Team>
  KOKKOS_INLINE_FUNCTION void slopes(const Team& team, std::int64_t batch,
                                     const AttentionTile& tile, std::int64_t i,
                                     const Own& own) const {
    const KeyRange seen = tiles.seen_in(tile, i);
    T *p = own.p + i * kTileKeys, *z = own.z + i * kTileKeys;
    const std::int64_t row = tiles.y.at(batch, tile.query + i);
    const T *own_y = y + row, *own_dy = dy + row;
    const T d = sum_of_row<T>(team, tiles.sizes.value_width,
                              [&](std::int64_t e) { return own_dy[e] * own_y[e]; });
    const T base = log_sum[batch * tiles.sizes.queries + tile.query + i], factor = scale;
    for_each_in_row(team, tile.keys, [&](std::int64_t j) {
      const T exponential = pointwise::Exp::apply(p[j] * factor - base);
      const bool is_seen = j >= seen.begin && j < seen.end;
      p[j] = is_seen ? exponential : T(0);
      z[j] = is_seen ? exponential * (z[j] - d) * factor : T(0);
    });
  }
};

class AttentionGradientKernel final : public Kernel {
 public:
  explicit AttentionGradientKernel(const KernelRequest& request)
      : dtype_(request.operands[0].dtype),
        tiles_{AttentionShape(request)},
        workers_(workers_for(tiles_.sizes.batches)) {}
  std::size_t scratch_bytes() const override {
    return with_real_type(dtype_, [&]<class T>() {
      const auto each = AttentionBackward<T>::elements_for(tiles_.sizes);
      return static_cast<std::size_t>(workers_ * each) * sizeof(T);
    });
  }
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      const auto in = tiles_.qkv<const T>(launch.operands);
      const auto more = launch.operands.subspan(tiles_.arrays());
      const auto rest = [&](std::size_t k) { return static_cast<const T*>(more[k]); };
      const auto out = tiles_.qkv<T>(launch.results);
      const AttentionBackward<T> backward{
          tiles_,   static_cast<T>(tiles_.sizes.scale()),
          in[0],    in[1],
          in[2],    rest(0),
          rest(1),  rest(2),
          out[0],   out[1],
          out[2],   static_cast<T*>(launch.scratch),
          workers_, AttentionBackward<T>::elements_for(tiles_.sizes)};
      for_each_row(launch.exec, "r1::ml::attention_gradient", workers_, backward);
    });
  }

 private:
  Dtype dtype_;
  AttentionTiles tiles_;
  std::int64_t workers_;
};

}  // namespace

std::unique_ptr<Kernel> host_attention_gradient_kernel(const KernelRequest& request) {
  return std::make_unique<AttentionGradientKernel>(request);
}

}  // namespace r1::ml
