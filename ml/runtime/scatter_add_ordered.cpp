// scatter_add of rows (ml/ops/gather.hpp) on GPUs, with the same bits each time. Picks are counted into bins, one for each row and range of
// picks, and each bin is put in order: what atomic additions of integers leave open is in which order picks arrive. Then each row adds
// its picks, which lie together. Ranges keep bins short where many picks go to few rows.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/gather_rows.hpp"
#include "ml/runtime/groups.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

/// Bin of a pick: ((batch, row), range), so that the bins of a row lie together.
template <class I>
struct Bins {
  GatherRows r;
  const I* index;
  std::int64_t ranges, range;  // how many, picks of each

  std::int64_t count() const { return r.batch * r.rows * ranges; }
  /// -1: of no row.
  KOKKOS_INLINE_FUNCTION std::int64_t of(std::int64_t pick) const {
    const auto row = static_cast<std::int64_t>(index[pick]);
    if (row < 0 || row >= r.rows) return -1;
    return (pick / r.picks * r.rows + row) * ranges + pick % r.picks / range;
  }
};

/// begin[b]: the first of `picks` that is of bin b; begin[bins]: the end of the last. Picks of a bin ascend.
struct OrderedPicks {
  std::int64_t *begin, *picks;
};

template <class I>
void order_picks(const Exec& exec, const Bins<I>& bins, std::int64_t* arrived,
                 const OrderedPicks& to) {
  const std::int64_t picks = bins.r.batch * bins.r.picks, count = bins.count();
  std::int64_t *begin = to.begin, *ordered = to.picks;
  const auto zero = KOKKOS_LAMBDA(const std::int64_t bin)->void { begin[bin] = 0; };
  const auto add = KOKKOS_LAMBDA(const std::int64_t pick)->void {
    const std::int64_t bin = bins.of(pick);
    if (bin >= 0) Kokkos::atomic_inc(&begin[bin]);
  };
  // To the ends of the bins; each pick that arrives takes one back, which leaves the beginnings.
  const auto sum =
      KOKKOS_LAMBDA(const std::int64_t bin, std::int64_t& total, const bool last)->void {
    total += begin[bin];
    if (last) begin[bin] = total;
  };
  const auto arrive = KOKKOS_LAMBDA(const std::int64_t pick)->void {
    const std::int64_t bin = bins.of(pick);
    if (bin >= 0) arrived[Kokkos::atomic_fetch_sub(&begin[bin], 1) - 1] = pick;
  };
  const auto put_in_order = KOKKOS_LAMBDA(const std::int64_t at)->void {
    if (at >= begin[count]) return;
    const std::int64_t pick = arrived[at], bin = bins.of(pick);
    std::int64_t place = begin[bin];
    const std::int64_t end = begin[bin + 1];
    for (std::int64_t k = begin[bin]; k < end; ++k) place += arrived[k] < pick ? 1 : 0;
    ordered[place] = pick;
  };
  Kokkos::parallel_for("r1::ml::scatter_add_zero", Policy(exec, 0, count + 1), zero);
  Kokkos::parallel_for("r1::ml::scatter_add_count", Policy(exec, 0, picks), add);
  Kokkos::parallel_scan("r1::ml::scatter_add_ends", Policy(exec, 0, count + 1), sum);
  Kokkos::parallel_for("r1::ml::scatter_add_arrive", Policy(exec, 0, picks), arrive);
  Kokkos::parallel_for("r1::ml::scatter_add_order", Policy(exec, 0, picks), put_in_order);
}

/// A thread adds up an element of the result: neighbours read neighbours.
template <class T>
struct AddByThread {
  std::int64_t columns, ranges;
  OrderedPicks from;
  const T* updates;
  T* result;

  KOKKOS_INLINE_FUNCTION void operator()(std::int64_t item) const {
    const std::int64_t row = item / columns, column = item % columns;
    const std::int64_t end = from.begin[(row + 1) * ranges];
    T total = T(0);
    for (std::int64_t k = from.begin[row * ranges]; k < end; ++k)
      total += updates[from.picks[k] * columns + column];
    result[item] = total;
  }
};

/// The same for a few columns, by a group of threads.
template <class T>
struct AddByGroup {
  std::int64_t columns, ranges;
  OrderedPicks from;
  const T* updates;
  T* result;

  KOKKOS_INLINE_FUNCTION void operator()(const Member& member, std::int64_t item) const {
    const std::int64_t row = item / columns, column = item % columns;
    T total = T(0);
    Kokkos::parallel_reduce(
        Kokkos::ThreadVectorRange(member, from.begin[row * ranges], from.begin[(row + 1) * ranges]),
        [&](std::int64_t k, T& sum) { sum += updates[from.picks[k] * columns + column]; }, total);
    result[item] = total;  // every thread of the group writes the same
  }
};

class OrderedScatterAdd final : public Kernel {
 public:
  explicit OrderedScatterAdd(const KernelRequest& request)
      : rows_(request.results[0].shape, request.operands[1].shape),
        dtype_(request.operands[0].dtype),
        index_(request.operands[1].dtype) {
    constexpr std::int64_t kRange = 1024, kMostBinsOfAPick = 4;
    const std::int64_t most =
        kMostBinsOfAPick * rows_.picks / std::max<std::int64_t>(rows_.rows, 1);
    const auto wanted =
        std::clamp<std::int64_t>(rows_.picks / kRange, 1, std::max<std::int64_t>(most, 1));
    range_ = std::max<std::int64_t>((rows_.picks + wanted - 1) / wanted, 1);
    ranges_ = std::max<std::int64_t>((rows_.picks + range_ - 1) / range_, 1);
  }
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(bins() + 1 + 2 * picks()) * sizeof(std::int64_t);
  }
  void run(const Launch& launch) const override {
    auto* begin = static_cast<std::int64_t*>(launch.scratch);
    std::int64_t* arrived = begin + bins() + 1;
    const OrderedPicks ordered{begin, arrived + picks()};
    with_index(index_, [&]<class I>() {
      const Bins<I> bins{rows_, static_cast<const I*>(launch.operands[1]), ranges_, range_};
      order_picks(launch.exec, bins, arrived, ordered);
    });
    with_type(dtype_, [&]<class T>() {
      add_up(launch.exec, ordered, static_cast<const T*>(launch.operands[0]),
             static_cast<T*>(launch.results[0]));
    });
  }

 private:
  std::int64_t bins() const { return rows_.batch * rows_.rows * ranges_; }
  std::int64_t picks() const { return rows_.batch * rows_.picks; }

  template <class T>
  void add_up(const Exec& exec, const OrderedPicks& ordered, const T* updates, T* result) const {
    constexpr std::int64_t kFew = 32;  // columns
    const std::int64_t items = rows_.batch * rows_.rows * rows_.columns;
    if (rows_.columns < kFew)
      for_each_by_group(exec, "r1::ml::scatter_add", items,
                        AddByGroup<T>{rows_.columns, ranges_, ordered, updates, result});
    else
      Kokkos::parallel_for("r1::ml::scatter_add", Policy(exec, 0, items),
                           AddByThread<T>{rows_.columns, ranges_, ordered, updates, result});
  }

  GatherRows rows_;
  Dtype dtype_, index_;
  std::int64_t range_ = 1, ranges_ = 1;
};

}  // namespace

std::unique_ptr<Kernel> ordered_scatter_add_kernel(const KernelRequest& request) {
  return std::make_unique<OrderedScatterAdd>(request);
}

}  // namespace r1::ml
