// Gather of rows (ml/ops/gather.hpp).
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/gather_rows.hpp"

namespace r1::ml {
namespace {

using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;

/// A row is an item of work.
template <int fixed, class T, class I>
void run_gather_rows(const Exec& exec, const GatherRows& r, const T* x, const I* index, T* result) {
  const auto gather_row = KOKKOS_LAMBDA(const std::int64_t pick)->void {
    const std::int64_t columns = fixed > 0 ? fixed : r.columns;
    const auto row = static_cast<std::int64_t>(index[pick]);
    const bool found = row >= 0 && row < r.rows;
    const std::int64_t table = r.batch == 1 ? 0 : pick / r.picks * r.rows;
    const T* from = x + (table + (found ? row : 0)) * columns;
    T* to = result + pick * columns;
    if (found)
      for (std::int64_t k = 0; k < columns; ++k) to[k] = from[k];
    else
      for (std::int64_t k = 0; k < columns; ++k) to[k] = T(0);
  };
  Kokkos::parallel_for("r1::ml::gather_rows", Policy(exec, 0, r.batch * r.picks), gather_row);
}

/// Elements along an axis, a batch at a time: the batch's table stays in the cache.
template <class T, class I>
void run_gather_elements(const Exec& exec, const GatherRows& r, const T* x, const I* index,
                         T* result) {
  const auto gather_batch = KOKKOS_LAMBDA(const std::int64_t batch)->void {
    const T* table = x + batch * r.rows;
    for (std::int64_t pick = batch * r.picks; pick < (batch + 1) * r.picks; ++pick) {
      const auto row = static_cast<std::int64_t>(index[pick]);
      result[pick] = row >= 0 && row < r.rows ? table[row] : T(0);
    }
  };
  Kokkos::parallel_for("r1::ml::gather_elements", Policy(exec, 0, r.batch), gather_batch);
}

template <class T, class I>
void run_gather(const Exec& exec, const GatherRows& r, const T* x, const I* index, T* result) {
  if (kDeviceIsHost && r.columns == 1 && r.batch > 1)
    return run_gather_elements(exec, r, x, index, result);
  if (kDeviceIsHost && r.columns > 1)
    return with_columns(r.columns,
                        [&]<int fixed>() { run_gather_rows<fixed>(exec, r, x, index, result); });
  const auto gather_element = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t pick = item / r.columns;
    const std::int64_t row = static_cast<std::int64_t>(index[pick]);
    const std::int64_t from = (pick / r.picks * r.rows + row) * r.columns + item % r.columns;
    result[item] = row >= 0 && row < r.rows ? x[from] : T(0);
  };
  Kokkos::parallel_for("r1::ml::gather", Policy(exec, 0, r.batch * r.picks * r.columns),
                       gather_element);
}

class Gather final : public Kernel {
 public:
  explicit Gather(const KernelRequest& request)
      : rows_(request.operands[0].shape, request.operands[1].shape),
        dtype_(request.operands[0].dtype),
        index_(request.operands[1].dtype) {}
  void run(const Launch& launch) const override {
    with_type(dtype_, [&]<class T>() {
      with_index(index_, [&]<class I>() {
        run_gather(launch.exec, rows_, static_cast<const T*>(launch.operands[0]),
                   static_cast<const I*>(launch.operands[1]), static_cast<T*>(launch.results[0]));
      });
    });
  }

 private:
  GatherRows rows_;
  Dtype dtype_, index_;
};

}  // namespace

std::unique_ptr<Kernel> gather_kernel(const KernelRequest& request) {
  return std::make_unique<Gather>(request);
}

}  // namespace r1::ml
