// What gather and scatter_add of rows have in common (ml/ops/gather.hpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {

/// x (batch, rows, columns), index (batch, picks), result or updates (batch, picks, columns).
struct GatherRows {
  GatherRows(const Shape& table, const Shape& index) {
    const int axis = index.rank() - 1;
    for (int k = 0; k < axis; ++k) batch *= table[k];
    rows = table[axis];
    picks = index[axis];
    for (int k = axis + 1; k < table.rank(); ++k) columns *= table[k];
  }
  std::int64_t batch = 1, rows = 1, picks = 1, columns = 1;
};

/// Calls f.template operator()<columns>() with the number of columns where that is one of a few small ones, so that loops over them are
/// straight code; with 0 for others.
template <class F>
void with_columns(std::int64_t columns, F&& f) {
  switch (columns) {
    case 3:
      return f.template operator()<3>();
    case 4:
      return f.template operator()<4>();
    case 8:
      return f.template operator()<8>();
    case 16:
      return f.template operator()<16>();
    default:
      return f.template operator()<0>();
  }
}

/// Calls f.template operator()<I>() with the type of an index.
template <class F>
auto with_index(Dtype dtype, F&& f) {
  if (dtype == Dtype::i32) return f.template operator()<std::int32_t>();
  return f.template operator()<std::int64_t>();
}

std::unique_ptr<Kernel> host_scatter_add_kernel(const KernelRequest& request);
/// For GPUs; runs everywhere.
std::unique_ptr<Kernel> ordered_scatter_add_kernel(const KernelRequest& request);

}  // namespace r1::ml
