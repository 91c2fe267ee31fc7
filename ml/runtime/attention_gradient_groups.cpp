// The gradient of attention on GPUs, in tiles. Scores are computed again, twice: for queries along keys, and for keys along queries, so that
// each sum has one owner and one order.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/attention_groups.hpp"
#include "ml/runtime/dispatch.hpp"

namespace r1::ml {
namespace {

template <class T>
struct GradientArrays {
  AttentionShape shape;
  T scale;
  bool tiles_in_memory;
  const T *q, *k, *v, *y, *log_sum, *dy;
  T *dq, *dk, *dv;  // as q, k, v
  T* dy_y;          // (B, T): products of dy and y, which the first pass leaves for the second

  std::size_t memory_bytes() const {
    const auto& s = shape.sizes;
    const auto tile = [&](std::int64_t width) {
      return tiles_in_memory ? TeamMemory<T>::tile_elements(width) : 0;
    };
    return TeamMemory<T>::bytes_for(
        {tile(s.width), tile(s.value_width), kTeamRows * kTeamColumns, kTeamRows * kTeamColumns});
  }
  KOKKOS_INLINE_FUNCTION bool sees(std::int64_t query, std::int64_t key) const {
    const KeyRange seen = shape.seen_by(query, 1);
    return key >= seen.begin && key < seen.end;
  }
};

/// What a team is about: rows of a batch, and memory for a tile of each of two matrices and for two numbers of each row and column.
template <class T>
struct GradientBlock {
  std::int64_t batch, row, rows;
  T *of_width, *of_value_width;  // tiles, or null
  T *p, *z;                      // (kTeamRows, kTeamColumns)

  KOKKOS_INLINE_FUNCTION GradientBlock(const Member& member, const GradientArrays<T>& a,
                                       std::int64_t all)
      : of_width(nullptr), of_value_width(nullptr) {
    const std::int64_t blocks = (all + kTeamRows - 1) / kTeamRows;
    batch = member.league_rank() / blocks;
    row = member.league_rank() % blocks * kTeamRows;
    rows = all - row < kTeamRows ? all - row : kTeamRows;
    using Memory = TeamMemory<T>;
    if (a.tiles_in_memory) {
      of_width = Memory::take(member, Memory::tile_elements(a.shape.sizes.width));
      of_value_width = Memory::take(member, Memory::tile_elements(a.shape.sizes.value_width));
    }
    p = Memory::take(member, kTeamRows * kTeamColumns);
    z = Memory::take(member, kTeamRows * kTeamColumns);
  }
};

/// dq: rows are queries, columns are keys.
template <class T>
struct GradientOfQueries {
  GradientArrays<T> a;

  KOKKOS_INLINE_FUNCTION void operator()(const Member& member) const {
    const auto& s = a.shape.sizes;
    const GradientBlock<T> block(member, a, s.queries);
    Kokkos::parallel_for(Kokkos::TeamThreadRange(member, block.rows), [&](std::int64_t i) {
      const std::int64_t query = block.row + i, row = a.shape.y.at(block.batch, query);
      const T *own_dy = a.dy + row, *own_y = a.y + row;
      T product = 0;
      Kokkos::parallel_reduce(
          Kokkos::ThreadVectorRange(member, s.value_width),
          [&](std::int64_t e, T& sum) { sum += own_dy[e] * own_y[e]; }, product);
      a.dy_y[block.batch * s.queries + query] =
          product;  // every thread of the group writes the same
      clear_row(member, s.width, a.dq + a.shape.q.at(block.batch, query));
    });
    const KeyRange seen = a.shape.seen_by(block.row, block.rows);
    for (std::int64_t key = seen.begin; key < seen.end; key += kTeamColumns)
      add_tile(member, block, key, seen.end - key < kTeamColumns ? seen.end - key : kTeamColumns);
  }

  KOKKOS_INLINE_FUNCTION void add_tile(const Member& member, const GradientBlock<T>& block,
                                       std::int64_t key, std::int64_t keys) const {
    const auto& s = a.shape.sizes;
    const HeadRows &of_k = a.shape.k, &of_v = a.shape.v;
    member.team_barrier();  // the last tile is done with
    const auto k =
        tile_rows(member, a.k + of_k.at(block.batch, key), of_k.row, keys, s.width, block.of_width);
    const auto v = tile_rows(member, a.v + of_v.at(block.batch, key), of_v.row, keys, s.value_width,
                             block.of_value_width);
    member.team_barrier();
    Kokkos::parallel_for(Kokkos::TeamThreadRange(member, block.rows), [&](std::int64_t i) {
      const std::int64_t query = block.row + i, number = block.batch * s.queries + query;
      const std::int64_t row = a.shape.q.at(block.batch, query);
      const T *own_q = a.q + row, *own_dy = a.dy + a.shape.y.at(block.batch, query);
      const T base = a.log_sum[number], offset = a.dy_y[number];
      T* z = block.z + i * kTeamColumns;
      Kokkos::parallel_for(Kokkos::ThreadVectorRange(member, keys), [&](std::int64_t j) {
        const T p = pointwise::Exp::apply(product_with(k, j, own_q, s.width) * a.scale - base);
        const T slope = product_with(v, j, own_dy, s.value_width) - offset;
        z[j] = a.sees(query, key + j) ? p * slope * a.scale : T(0);
      });
      add_weighted(member, z, keys, k, s.width, T(1), a.dq + row);
    });
  }
};

/// dk, dv: rows are keys, columns are queries.
template <class T>
struct GradientOfKeys {
  GradientArrays<T> a;

  KOKKOS_INLINE_FUNCTION void operator()(const Member& member) const {
    const auto& s = a.shape.sizes;
    const GradientBlock<T> block(member, a, s.keys);
    Kokkos::parallel_for(Kokkos::TeamThreadRange(member, block.rows), [&](std::int64_t j) {
      clear_row(member, s.width, a.dk + a.shape.k.at(block.batch, block.row + j));
      clear_row(member, s.value_width, a.dv + a.shape.v.at(block.batch, block.row + j));
    });
    for (std::int64_t query = 0; query < s.queries; query += kTeamColumns) {
      const std::int64_t left = s.queries - query;
      const std::int64_t queries = left < kTeamColumns ? left : kTeamColumns;
      const KeyRange seen = a.shape.seen_by(query, queries);
      if (seen.begin < block.row + block.rows && block.row < seen.end)
        add_tile(member, block, query, queries);
    }
  }

  KOKKOS_INLINE_FUNCTION void add_tile(const Member& member, const GradientBlock<T>& block,
                                       std::int64_t query, std::int64_t queries) const {
    const auto& s = a.shape.sizes;
    const HeadRows &of_q = a.shape.q, &of_y = a.shape.y;
    const std::int64_t first = block.batch * s.queries + query;
    member.team_barrier();  // the last tile is done with
    const auto q = tile_rows(member, a.q + of_q.at(block.batch, query), of_q.row, queries, s.width,
                             block.of_width);
    const auto dy = tile_rows(member, a.dy + of_y.at(block.batch, query), of_y.row, queries,
                              s.value_width, block.of_value_width);
    member.team_barrier();
    Kokkos::parallel_for(Kokkos::TeamThreadRange(member, block.rows), [&](std::int64_t j) {
      const std::int64_t key = a.shape.k.at(block.batch, block.row + j),
                         value = a.shape.v.at(block.batch, block.row + j);
      const T *own_k = a.k + key, *own_v = a.v + value;
      T *p = block.p + j * kTeamColumns, *z = block.z + j * kTeamColumns;
      Kokkos::parallel_for(Kokkos::ThreadVectorRange(member, queries), [&](std::int64_t i) {
        const T score = product_with(q, i, own_k, s.width) * a.scale;
        const T slope = product_with(dy, i, own_v, s.value_width) - a.dy_y[first + i];
        p[i] = a.sees(query + i, block.row + j)
                   ? pointwise::Exp::apply(score - a.log_sum[first + i])
                   : T(0);
        z[i] = p[i] * slope * a.scale;
      });
      add_weighted(member, z, queries, q, s.width, T(1), a.dk + key);
      add_weighted(member, p, queries, dy, s.value_width, T(1), a.dv + value);
    });
  }
};

class GroupAttentionGradient final : public Kernel {
 public:
  explicit GroupAttentionGradient(const KernelRequest& request)
      : dtype_(request.operands[0].dtype), shape_(request) {}
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(shape_.sizes.batches * shape_.sizes.queries) * size_of(dtype_);
  }
  void run(const Launch& launch) const override {
    with_real_type(dtype_, [&]<class T>() {
      const auto in = shape_.qkv<const T>(launch.operands);
      const auto more = launch.operands.subspan(shape_.arrays());
      const auto rest = [&](std::size_t k) { return static_cast<const T*>(more[k]); };
      const auto out = shape_.qkv<T>(launch.results);
      const auto& s = shape_.sizes;
      const bool room = TeamMemory<T>::has_room_for(s.width + s.value_width);
      const GradientArrays<T> arrays{shape_,
                                     static_cast<T>(s.scale()),
                                     room,
                                     in[0],
                                     in[1],
                                     in[2],
                                     rest(0),
                                     rest(1),
                                     rest(2),
                                     out[0],
                                     out[1],
                                     out[2],
                                     static_cast<T*>(launch.scratch)};
      run_teams(launch.exec, "r1::ml::attention_gradient_queries", s.batches * blocks_of(s.queries),
                arrays.memory_bytes(), GradientOfQueries<T>{arrays});
      run_teams(launch.exec, "r1::ml::attention_gradient_keys", s.batches * blocks_of(s.keys),
                arrays.memory_bytes(), GradientOfKeys<T>{arrays});
    });
  }

 private:
  Dtype dtype_;
  AttentionShape shape_;
};

}  // namespace

std::unique_ptr<Kernel> group_attention_gradient_kernel(const KernelRequest& request) {
  return std::make_unique<GroupAttentionGradient>(request);
}

}  // namespace r1::ml
