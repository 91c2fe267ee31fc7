// scatter_add of rows (ml/ops/gather.hpp) on CPUs.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/gather_rows.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

/// A range of a batch's rows is an item of work: it looks at all picks and adds those that are its own, in their order.
template <class T, class I>
void run_scatter_add_rows(const Exec& exec, const GatherRows& r, const T* updates, const I* index,
                          T* result) {
  const std::int64_t parts = std::min<std::int64_t>(r.rows, exec.concurrency());
  const auto add_rows = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t batch = item / parts, part = item % parts;
    const std::int64_t begin = r.rows * part / parts, end = r.rows * (part + 1) / parts;
    T* table = result + batch * r.rows * r.columns;
    for (std::int64_t k = begin * r.columns; k < end * r.columns; ++k) table[k] = T(0);
    for (std::int64_t pick = batch * r.picks; pick < (batch + 1) * r.picks; ++pick) {
      const auto row = static_cast<std::int64_t>(index[pick]);
      if (row < begin || row >= end) continue;
      const T* from = updates + pick * r.columns;
      T* to = table + row * r.columns;
      for (std::int64_t k = 0; k < r.columns; ++k) to[k] += from[k];
    }
  };
  Kokkos::parallel_for("r1::ml::scatter_add_rows", Policy(exec, 0, r.batch * parts), add_rows);
}

/// The same for a few columns: sums stay in registers as long as the row is the same, which lists in order make long.
template <int columns, class T, class I>
void run_scatter_add_narrow_rows(const Exec& exec, const GatherRows& r, const T* updates,
                                 const I* index, T* result) {
  const std::int64_t parts = std::min<std::int64_t>(r.rows, exec.concurrency());
  const auto add_rows = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t batch = item / parts, part = item % parts;
    const std::int64_t begin = r.rows * part / parts, end = r.rows * (part + 1) / parts;
    T* table = result + batch * r.rows * columns;
    for (std::int64_t k = begin * columns; k < end * columns; ++k) table[k] = T(0);
    T sums[columns] = {};
    std::int64_t open = -1;  // row that the sums are of
    for (std::int64_t pick = batch * r.picks; pick < (batch + 1) * r.picks; ++pick) {
      const auto row = static_cast<std::int64_t>(index[pick]);
      if (row < begin || row >= end) continue;
      if (row != open) {
        if (open >= 0)
          for (int k = 0; k < columns; ++k) table[open * columns + k] = sums[k];
        for (int k = 0; k < columns; ++k) sums[k] = table[row * columns + k];
        open = row;
      }
      for (int k = 0; k < columns; ++k) sums[k] += updates[pick * columns + k];
    }
    if (open >= 0)
      for (int k = 0; k < columns; ++k) table[open * columns + k] = sums[k];
  };
  Kokkos::parallel_for("r1::ml::scatter_add_narrow_rows", Policy(exec, 0, r.batch * parts),
                       add_rows);
}

/// One item of work is a batch's column: it adds in the order of the picks, whatever the number of threads.
template <class T, class I>
void run_scatter_add(const Exec& exec, const GatherRows& r, const T* updates, const I* index,
                     T* result) {
  // Rows are added as vectors; the bits are the same.
  if (r.rows > 0 && (r.batch == 1 || r.columns > 1))
    return with_columns(r.columns, [&]<int fixed>() {
      if constexpr (fixed > 0)
        run_scatter_add_narrow_rows<fixed>(exec, r, updates, index, result);
      else
        run_scatter_add_rows(exec, r, updates, index, result);
    });
  const auto add_column = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t batch = item / r.columns, column = item % r.columns;
    T* to = result + batch * r.rows * r.columns + column;
    for (std::int64_t row = 0; row < r.rows; ++row) to[row * r.columns] = T(0);
    for (std::int64_t pick = 0; pick < r.picks; ++pick) {
      const std::int64_t at = batch * r.picks + pick;
      const std::int64_t row = static_cast<std::int64_t>(index[at]);
      if (row >= 0 && row < r.rows) to[row * r.columns] += updates[at * r.columns + column];
    }
  };
  Kokkos::parallel_for("r1::ml::scatter_add", Policy(exec, 0, r.batch * r.columns), add_column);
}

class HostScatterAdd final : public Kernel {
 public:
  explicit HostScatterAdd(const KernelRequest& request)
      : rows_(request.results[0].shape, request.operands[1].shape),
        dtype_(request.operands[0].dtype),
        index_(request.operands[1].dtype) {}
  void run(const Launch& launch) const override {
    with_type(dtype_, [&]<class T>() {
      with_index(index_, [&]<class I>() {
        run_scatter_add(launch.exec, rows_, static_cast<const T*>(launch.operands[0]),
                        static_cast<const I*>(launch.operands[1]),
                        static_cast<T*>(launch.results[0]));
      });
    });
  }

 private:
  GatherRows rows_;
  Dtype dtype_, index_;
};

}  // namespace

std::unique_ptr<Kernel> host_scatter_add_kernel(const KernelRequest& request) {
  return std::make_unique<HostScatterAdd>(request);
}

}  // namespace r1::ml
