// Products of small matrices within a kernel of a CPU: what is larger than a tile of registers goes to a library instead
// (ml/runtime/dot_kernels.hpp). A tile of the result stays in registers while the sum is taken.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

#include <cstdint>

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
inline constexpr int kTileRows = 4;  // unless said otherwise

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

/// The same for m <= `most` rows.
template <Sum how, int most, class T>
KOKKOS_INLINE_FUNCTION void product_of_fewer_rows(std::int64_t m, std::int64_t n, std::int64_t k,
                                                  const Strided<const T>& a, const T* b,
                                                  std::int64_t b_row, T* c, std::int64_t c_row) {
  if constexpr (most > 0) {
    if (m == most) return product_of_rows<how, most>(n, k, a, b, b_row, c, c_row);
    product_of_fewer_rows<how, most - 1>(m, n, k, a, b, b_row, c, c_row);
  }
}

/// c (m, n) = a (m, k) b (k, n), or is added to; columns of b and c lie together. Each sum is taken in the order of k.
template <Sum how, int tile_rows = kTileRows, class T>
KOKKOS_INLINE_FUNCTION void tile_product(std::int64_t m, std::int64_t n, std::int64_t k,
                                         Strided<const T> a, const T* b, std::int64_t b_row, T* c,
                                         std::int64_t c_row) {
  std::int64_t i = 0;
  const auto advance = [&](std::int64_t rows) {
    i += rows;
    a.data += rows * a.row;
    c += rows * c_row;
  };
  for (; i + tile_rows <= m; advance(tile_rows))
    product_of_rows<how, tile_rows>(n, k, a, b, b_row, c, c_row);
  product_of_fewer_rows<how, tile_rows - 1>(m - i, n, k, a, b, b_row, c, c_row);
}

}  // namespace r1::ml
