// Products of small matrices within a kernel: what is larger than a tile of registers goes to a library instead (ml/runtime/dot_kernels.hpp).
// On CPUs a tile of the result stays in registers while the sum is taken; on GPUs a thread takes an element.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/rows.hpp"

namespace r1::ml {

/// Element (i, j) is data[i * row + j * column].
template <class T>
struct Strided {
  T* data;
  std::int64_t row, column;
};

enum class Sum : std::uint8_t { replaces, adds };

/// 64 bytes a row: a line of the cache, two or four vectors.
template <class T>
inline constexpr int kTileColumns = 64 / static_cast<int>(sizeof(T));
inline constexpr int kTileRows = 4;

/// `rows` x `columns` elements of c from (i, j) on.
template <Sum how, int rows, int columns, class T>
KOKKOS_INLINE_FUNCTION void product_in_registers(std::int64_t k, const Strided<const T>& a,
                                                 const T* b, std::int64_t b_row, T* c,
                                                 std::int64_t c_row) {
  T sums[rows][columns];
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) sums[i][j] = how == Sum::adds ? c[i * c_row + j] : T(0);
  for (std::int64_t n = 0; n < k; ++n) {
    const T* line = b + n * b_row;
    for (int i = 0; i < rows; ++i) {
      const T factor = a.data[i * a.row + n * a.column];
#pragma omp simd
      for (int j = 0; j < columns; ++j) sums[i][j] += factor * line[j];
    }
  }
  for (int i = 0; i < rows; ++i)
    for (int j = 0; j < columns; ++j) c[i * c_row + j] = sums[i][j];
}

template <Sum how, int rows, class T>
KOKKOS_INLINE_FUNCTION void product_of_rows(std::int64_t n, std::int64_t k,
                                            const Strided<const T>& a, const T* b,
                                            std::int64_t b_row, T* c, std::int64_t c_row) {
  std::int64_t j = 0;
  for (; j + kTileColumns<T> <= n; j += kTileColumns<T>)
    product_in_registers<how, rows, kTileColumns<T>>(k, a, b + j, b_row, c + j, c_row);
  for (; j < n; ++j) product_in_registers<how, rows, 1>(k, a, b + j, b_row, c + j, c_row);
}

/// c (m, n) = a (m, k) b (k, n), or is added to; columns of b and c lie together. Each sum is taken in the order of k.
template <Sum how, class Team, class T>
KOKKOS_INLINE_FUNCTION void tile_product([[maybe_unused]] const Team& team, std::int64_t m,
                                         std::int64_t n, std::int64_t k, Strided<const T> a,
                                         const T* b, std::int64_t b_row, T* c, std::int64_t c_row) {
  if constexpr (kDeviceIsHost) {
    std::int64_t i = 0;
    const auto advance = [&](std::int64_t rows) {
      i += rows;
      a.data += rows * a.row;
      c += rows * c_row;
    };
    for (; i + kTileRows <= m; advance(kTileRows))
      product_of_rows<how, kTileRows>(n, k, a, b, b_row, c, c_row);
    for (; i < m; advance(1)) product_of_rows<how, 1>(n, k, a, b, b_row, c, c_row);
  } else {
    for_each_in_row(team, m * n, [&](std::int64_t at) {
      const std::int64_t i = at / n, j = at % n;
      T sum = how == Sum::adds ? c[i * c_row + j] : T(0);
      for (std::int64_t p = 0; p < k; ++p)
        sum += a.data[i * a.row + p * a.column] * b[p * b_row + j];
      c[i * c_row + j] = sum;
    });
    team.team_barrier();
  }
}

}  // namespace r1::ml
