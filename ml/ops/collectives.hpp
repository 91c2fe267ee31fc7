// Communication between ranks as operations. What they take and make differs in its spread (ml/graph/type.hpp), and each has an
// adjoint among them: a cotangent of a partial value is replicated, that of a replicated one partial, that of a sharded one sharded.
//   all_reduce      partial    -> replicated      its own adjoint
//   all_gather      sharded    -> replicated      adjoint: reduce_scatter, partial -> sharded
//   own_part        replicated -> sharded         adjoint: place_part, sharded -> partial
//   all_to_all      sharded    -> sharded         adjoint: with its axes exchanged
//   permute_ranks   sharded    -> sharded         adjoint: the way back
//   as_parts        replicated -> sharded         adjoint: sum_of_parts, sharded -> partial
// own_part, place_part, as_parts and sum_of_parts send nothing. A replicated cotangent of a replicated value counts once: where an
// operation meets one, its adjoint is the same without the sum over ranks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

#include <cstdint>
#include <vector>

namespace r1::ml {

/// The sum over ranks, in their order: all get the same bits.
Value all_reduce(const Value& x, std::int64_t ranks);
/// The parts of all ranks, joined along `axis` in the order of ranks.
Value all_gather(const Value& x, int axis, std::int64_t ranks);
/// This rank's part along `axis` of the sum over ranks. The ranks divide its extent: ShapeError otherwise.
Value reduce_scatter(const Value& x, int axis, std::int64_t ranks);
/// Piece k of x along `split` goes to rank k; what comes is joined along `concat` in the order of ranks. The ranks divide `split`.
Value all_to_all(const Value& x, int split, int concat, std::int64_t ranks);

struct RankPair {
  std::int64_t from, to;
};
/// Sends x from rank to rank; no rank sends or receives twice. Zeros where nobody sends to.
Value permute_ranks(const Value& x, const std::vector<RankPair>& pairs, std::int64_t ranks);
/// From each rank to the one `by` further, around.
Value shift_ranks(const Value& x, std::int64_t by, std::int64_t ranks);

/// This rank's part of x along `axis`. The ranks divide its extent.
Value own_part(const Value& x, int axis, std::int64_t ranks);
/// x where own_part() takes it from, zeros elsewhere.
Value place_part(const Value& x, int axis, std::int64_t ranks);
/// The same elements on each rank, now meant as the sum over ranks, which is yet to be taken.
Value sum_of_parts(const Value& x);
/// The same elements on each rank, now meant as its own.
Value as_parts(const Value& x);
/// Of a replicated x: each rank's is x / ranks. So a loss that is replicated becomes a sum over ranks.
Value as_partial(const Value& x, std::int64_t ranks);

}  // namespace r1::ml
