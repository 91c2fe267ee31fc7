// Attention on GPUs, in tiles as on CPUs (ml/runtime/attention_host.cpp names the papers): a team takes some queries of a batch along the
// keys that they see, a tile at a time.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/attention_groups.hpp"

#include "ml/runtime/dispatch.hpp"

namespace r1::ml {
namespace {

template <class T>
struct GroupAttention {
  AttentionShape shape;
  T scale;
  bool tile_in_memory;
  const T *q, *k, *v;
  T *y, *log_sum;

  /// What a team is about.
  struct Block {
    std::int64_t batch, query, queries;
    T *keys, *scores;   // tile or null, (kTeamRows, kTeamColumns)
    T *largest, *sums;  // (kTeamRows)
  };
  std::size_t memory_bytes() const {
    const std::int64_t tile = tile_in_memory ? TeamMemory<T>::tile_elements(shape.sizes.width) : 0;
    return TeamMemory<T>::bytes_for({tile, kTeamRows * kTeamColumns, kTeamRows, kTeamRows});
  }

  KOKKOS_INLINE_FUNCTION void operator()(const Member& member) const {
    const auto& s = shape.sizes;
    const std::int64_t blocks = (s.queries + kTeamRows - 1) / kTeamRows;
    Block block{};
    block.batch = member.league_rank() / blocks;
    block.query = member.league_rank() % blocks * kTeamRows;
    block.queries = s.queries - block.query < kTeamRows ? s.queries - block.query : kTeamRows;
    if (tile_in_memory)
      block.keys = TeamMemory<T>::take(member, TeamMemory<T>::tile_elements(s.width));
    block.scores = TeamMemory<T>::take(member, kTeamRows * kTeamColumns);
    block.largest = TeamMemory<T>::take(member, kTeamRows);
    block.sums = TeamMemory<T>::take(member, kTeamRows);
    begin(member, block);
    const KeyRange seen = shape.seen_by(block.query, block.queries);
    for (std::int64_t key = seen.begin; key < seen.end; key += kTeamColumns)
      add_tile(member, block, key, seen.end - key < kTeamColumns ? seen.end - key : kTeamColumns);
    finish(member, block);
  }

  KOKKOS_INLINE_FUNCTION T* result_of(const Block& block, std::int64_t i) const {
    return y + shape.y.at(block.batch, block.query + i);
  }

  KOKKOS_INLINE_FUNCTION void begin(const Member& member, const Block& block) const {
    Kokkos::parallel_for(Kokkos::TeamThreadRange(member, block.queries), [&](std::int64_t i) {
      clear_row(member, shape.sizes.value_width, result_of(block, i));
      block.largest[i] = -Kokkos::Experimental::infinity_v<T>;
      block.sums[i] = 0;
    });
  }

  KOKKOS_INLINE_FUNCTION void add_tile(const Member& member, const Block& block, std::int64_t key,
                                       std::int64_t keys) const {
    const auto& s = shape.sizes;
    member.team_barrier();  // the last tile is done with
    const auto tile =
        tile_rows(member, k + shape.k.at(block.batch, key), shape.k.row, keys, s.width, block.keys);
    const TileRows<T> values{v + shape.v.at(block.batch, key), shape.v.row};
    member.team_barrier();
    Kokkos::parallel_for(Kokkos::TeamThreadRange(member, block.queries), [&](std::int64_t i) {
      const KeyRange seen = shape.seen_by(block.query + i, 1);
      const std::int64_t first = seen.begin > key ? seen.begin - key : 0;
      const std::int64_t end = seen.end - key < keys ? seen.end - key : keys;
      if (first < end) add_keys(member, block, i, tile, values, {first, end});
    });
  }

  /// What query `i` sees of the tile: its scores become exponentials, and what came before is scaled down to the largest score so far.
  KOKKOS_INLINE_FUNCTION void add_keys(const Member& member, const Block& block, std::int64_t i,
                                       const TileRows<T>& tile, const TileRows<T>& values,
                                       KeyRange keys) const {
    const auto& s = shape.sizes;
    const T* own = q + shape.q.at(block.batch, block.query + i);
    T* scores = block.scores + i * kTeamColumns;
    const T before = block.largest[i], sum_before = block.sums[i];
    T now = before, sum = 0;
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(member, keys.begin, keys.end),
        [&](std::int64_t j, T& most) {
          scores[j] = product_with(tile, j, own, s.width) * scale;
          most = scores[j] > most ? scores[j] : most;
        },
        Kokkos::Max<T>(now));
    now = before > now ? before : now;
    const T kept = pointwise::Exp::apply(before - now);
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(member, keys.begin, keys.end),
        [&](std::int64_t j, T& total) {
          scores[j] = pointwise::Exp::apply(scores[j] - now);
          total += scores[j];
        },
        sum);
    const TileRows<T> seen{values.data + keys.begin * values.pitch, values.pitch};
    add_weighted(member, scores + keys.begin, keys.end - keys.begin, seen, s.value_width, kept,
                 result_of(block, i));
    block.largest[i] = now;  // every thread of the group writes the same
    block.sums[i] = sum_before * kept + sum;
  }

  KOKKOS_INLINE_FUNCTION void finish(const Member& member, const Block& block) const {
    Kokkos::parallel_for(Kokkos::TeamThreadRange(member, block.queries), [&](std::int64_t i) {
      const T sum = block.sums[i];
      T* to = result_of(block, i);
      Kokkos::parallel_for(Kokkos::ThreadVectorRange(member, shape.sizes.value_width),
                           [&](std::int64_t e) { to[e] /= sum; });
      log_sum[block.batch * shape.sizes.queries + block.query + i] =
          block.largest[i] + Kokkos::log(sum);
    });
  }
};

class GroupAttentionKernel final : public Kernel {
 public:
  explicit GroupAttentionKernel(const KernelRequest& request)
      : dtype_(request.operands[0].dtype), shape_(request) {}
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      const auto in = shape_.qkv<const T>(launch.operands);
      const auto out = [&](std::size_t k) { return static_cast<T*>(launch.results[k]); };
      const auto& s = shape_.sizes;
      const GroupAttention<T> attention{shape_,
                                        static_cast<T>(s.scale()),
                                        TeamMemory<T>::has_room_for(s.width),
                                        in[0],
                                        in[1],
                                        in[2],
                                        out(0),
                                        out(1)};
      run_teams(launch.exec, "r1::ml::attention", s.batches * blocks_of(s.queries),
                attention.memory_bytes(), attention);
    });
  }

 private:
  Dtype dtype_;
  AttentionShape shape_;
};

}  // namespace

std::unique_ptr<Kernel> group_attention_kernel(const KernelRequest& request) {
  return std::make_unique<GroupAttentionKernel>(request);
}

}  // namespace r1::ml
