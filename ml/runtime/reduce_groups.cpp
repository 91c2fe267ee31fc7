// Sums and maxima over axes on GPUs. Where neighbouring threads read neighbouring elements anyway, because columns that are kept lie
// together, a thread takes a result, or a piece of one; elsewhere a group of threads does. Pieces, which depend on the shape alone, make
// work for all threads; groups put them together.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/groups.hpp"
#include "ml/runtime/reduce.hpp"

#include <type_traits>

namespace r1::ml {
namespace {

/// How a group combines what its threads have (a reducer of Kokkos); unlike Kokkos::Max it keeps NaN and infinities.
template <Reduction reduction, class A>
struct Combiner {
  using reducer = Combiner;
  using value_type = A;
  using result_view_type = Kokkos::View<A, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>;
  A* value;

  KOKKOS_INLINE_FUNCTION static A identity() {
    if constexpr (reduction == Reduction::sum)
      return A(0);
    else if constexpr (std::is_floating_point_v<A>)
      return -Kokkos::Experimental::infinity_v<A>;
    else
      return Kokkos::reduction_identity<A>::max();
  }
  KOKKOS_INLINE_FUNCTION void init(A& a) const { a = identity(); }
  KOKKOS_INLINE_FUNCTION void join(A& a, const A& b) const { a = combine<reduction>(a, b); }
  KOKKOS_INLINE_FUNCTION A& reference() const { return *value; }
};

/// value_at(k), begin <= k < end, combined; every thread of the group gets it.
template <Reduction reduction, class A, class F>
KOKKOS_INLINE_FUNCTION A combined(const Member& member, std::int64_t begin, std::int64_t end,
                                  const F& value_at) {
  using Own = Combiner<reduction, A>;
  A result = Own::identity();
  Kokkos::parallel_reduce(
      Kokkos::ThreadVectorRange(member, begin, end),
      [&](std::int64_t k, A& sum) { sum = combine<reduction>(sum, value_at(k)); }, Own{&result});
  return result;
}

/// Result `row`, or a piece of it; pieces lie together.
struct Pieces {
  ReduceShape shape;
  std::int64_t count, size;  // size: elements of a piece
  std::int64_t items() const { return shape.kept.count * count; }
  KOKKOS_INLINE_FUNCTION std::int64_t end(std::int64_t piece) const {
    return (piece + 1) * size < shape.reduced.count ? (piece + 1) * size : shape.reduced.count;
  }
};

template <Reduction reduction, class From, class To>
struct ByThread {
  using A = Accumulator<To>;
  Pieces pieces;
  const From* from;
  To* to;
  A* partial;

  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t item) const {
    const auto& [kept, reduced] = pieces.shape;
    const std::int64_t row = item % kept.count, piece = item / kept.count;
    const From* corner = from + kept.offset(row);
    A value = Combiner<reduction, A>::identity();
    const std::int64_t end = pieces.end(piece);
    for (std::int64_t k = piece * pieces.size; k < end; ++k)
      value = combine<reduction>(value, static_cast<A>(corner[reduced.offset(k)]));
    if (pieces.count == 1)
      to[row] = static_cast<To>(value);
    else
      partial[row * pieces.count + piece] = value;
  }
};

template <Reduction reduction, class From, class To>
struct ByGroup {
  using A = Accumulator<To>;
  Pieces pieces;
  const From* from;
  To* to;
  A* partial;

  KOKKOS_INLINE_FUNCTION void operator()(const Member& member, std::int64_t item) const {
    const auto& reduced = pieces.shape.reduced;
    const std::int64_t row = item / pieces.count, piece = item % pieces.count;
    const From* corner = from + pieces.shape.kept.offset(row);
    const A value = combined<reduction, A>(
        member, piece * pieces.size, pieces.end(piece),
        [&](std::int64_t k) { return static_cast<A>(corner[reduced.offset(k)]); });
    if (pieces.count == 1)
      to[row] = static_cast<To>(value);  // every thread of a group writes the same
    else
      partial[item] = value;
  }
};

/// Pieces, (kept, pieces), to the result.
template <Reduction reduction, class To>
struct JoinPieces {
  std::int64_t pieces;
  const Accumulator<To>* partial;
  To* to;

  KOKKOS_INLINE_FUNCTION void operator()(const Member& member, std::int64_t row) const {
    const auto* own = partial + row * pieces;
    to[row] = static_cast<To>(combined<reduction, Accumulator<To>>(
        member, 0, pieces, [&](std::int64_t k) { return own[k]; }));
  }
};

class GroupReduce final : public Kernel {
 public:
  GroupReduce(const KernelRequest& request, const ReduceShape& shape, Reduction reduction)
      : from_(request.operands[0].dtype),
        to_(request.results[0].dtype),
        reduction_(reduction),
        pieces_{shape, 1, shape.reduced.count} {
    constexpr std::int64_t kShort = 16;   // rows for which a group has no use
    constexpr std::int64_t kThread = 32;  // elements of a thread that has some to itself
    constexpr std::int64_t kGroup = 512;  // and of a group
    constexpr std::int64_t kThreads = 1 << 16, kGroups = 1 << 13;  // enough to keep a GPU busy
    const auto &kept = shape.kept, &reduced = shape.reduced;
    by_thread_ = reduced.count <= kShort ||
                 (kept.last_stride() == 1 && kept.rank > 0 && kept.extent[kept.rank - 1] >= kShort);
    const auto enough = (by_thread_ ? kThreads : kGroups) / std::max<std::int64_t>(kept.count, 1);
    const auto wanted = std::clamp<std::int64_t>(reduced.count / (by_thread_ ? kThread : kGroup), 1,
                                                 std::max<std::int64_t>(enough, 1));
    pieces_.size = std::max<std::int64_t>((reduced.count + wanted - 1) / wanted, 1);
    pieces_.count = std::max<std::int64_t>((reduced.count + pieces_.size - 1) / pieces_.size, 1);
  }
  std::size_t scratch_bytes() const override {
    return pieces_.count == 1 ? 0 : static_cast<std::size_t>(pieces_.items()) * sizeof(double);
  }
  void run(const Launch& launch) const override {
    with_reduction(from_, to_, reduction_, [&]<Reduction reduction, class From, class To>() {
      const auto* from = static_cast<const From*>(launch.operands[0]);
      auto* to = static_cast<To*>(launch.results[0]);
      auto* partial = static_cast<Accumulator<To>*>(launch.scratch);
      if (by_thread_)
        Kokkos::parallel_for("r1::ml::reduce_by_thread",
                             Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(
                                 launch.exec, 0, pieces_.items()),
                             ByThread<reduction, From, To>{pieces_, from, to, partial});
      else
        for_each_by_group(launch.exec, "r1::ml::reduce_by_group", pieces_.items(),
                          ByGroup<reduction, From, To>{pieces_, from, to, partial});
      if (pieces_.count > 1)
        for_each_by_group(launch.exec, "r1::ml::reduce_pieces", pieces_.shape.kept.count,
                          JoinPieces<reduction, To>{pieces_.count, partial, to});
    });
  }

 private:
  Dtype from_, to_;
  Reduction reduction_;
  Pieces pieces_;
  bool by_thread_ = false;
};

}  // namespace

std::unique_ptr<Kernel> group_reduce_kernel(const KernelRequest& request, const Integers& axes,
                                            Reduction reduction) {
  return std::make_unique<GroupReduce>(request, ReduceShape(request.operands[0].shape, axes),
                                       reduction);
}

}  // namespace r1::ml
