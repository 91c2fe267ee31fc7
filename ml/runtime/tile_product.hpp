// Products of small matrices within a kernel of a CPU: what is larger than a tile of registers goes to a library instead
// (ml/runtime/dot_kernels.hpp). A tile of the result stays in registers while the sum is taken.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstring>

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
/// With two vectors a row they fill the registers of AVX2.
inline constexpr int kTileRows = 6;

/// Elements that one instruction works on; compilers split or join such vectors for other processors.
template <class T>
struct WideOf;
template <>
struct WideOf<float> {
  using type = float __attribute__((vector_size(32)));
};
template <>
struct WideOf<double> {
  using type = double __attribute__((vector_size(32)));
};

/// `rows` x kTileColumns elements of c.
template <Sum how, int rows, class T>
void product_in_registers(std::int64_t k, const Strided<const T>& a, const T* b, std::int64_t b_row,
                          T* c, std::int64_t c_row) {
  using Wide = typename WideOf<T>::type;
  constexpr int kHalf = kTileColumns<T> / 2;
  static_assert(sizeof(Wide) == kHalf * sizeof(T));
  Wide low[rows] = {}, high[rows] = {};
  if constexpr (how == Sum::adds)
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      std::memcpy(&low[i], c + i * c_row, sizeof(Wide));
      std::memcpy(&high[i], c + i * c_row + kHalf, sizeof(Wide));
    }
  for (std::int64_t n = 0; n < k; ++n) {
    Wide of_low, of_high;
    std::memcpy(&of_low, b + n * b_row, sizeof(Wide));
    std::memcpy(&of_high, b + n * b_row + kHalf, sizeof(Wide));
#pragma GCC unroll 8
    for (int i = 0; i < rows; ++i) {
      const T factor = a.data[i * a.row + n * a.column];
      low[i] += factor * of_low;
      high[i] += factor * of_high;
    }
  }
#pragma GCC unroll 8
  for (int i = 0; i < rows; ++i) {
    std::memcpy(c + i * c_row, &low[i], sizeof(Wide));
    std::memcpy(c + i * c_row + kHalf, &high[i], sizeof(Wide));
  }
}

/// One column of c.
template <Sum how, int rows, class T>
void product_of_column(std::int64_t k, const Strided<const T>& a, const T* b, std::int64_t b_row,
                       T* c, std::int64_t c_row) {
  for (int i = 0; i < rows; ++i) {
    T sum = how == Sum::adds ? c[i * c_row] : T(0);
    for (std::int64_t n = 0; n < k; ++n) sum += a.data[i * a.row + n * a.column] * b[n * b_row];
    c[i * c_row] = sum;
  }
}

template <Sum how, int rows, class T>
void product_of_rows(std::int64_t n, std::int64_t k, const Strided<const T>& a, const T* b,
                     std::int64_t b_row, T* c, std::int64_t c_row) {
  std::int64_t j = 0;
  for (; j + kTileColumns<T> <= n; j += kTileColumns<T>)
    product_in_registers<how, rows>(k, a, b + j, b_row, c + j, c_row);
  for (; j < n; ++j) product_of_column<how, rows>(k, a, b + j, b_row, c + j, c_row);
}

/// The same for m <= `most` rows.
template <Sum how, int most, class T>
void product_of_fewer_rows(std::int64_t m, std::int64_t n, std::int64_t k,
                           const Strided<const T>& a, const T* b, std::int64_t b_row, T* c,
                           std::int64_t c_row) {
  if constexpr (most > 0) {
    if (m == most) return product_of_rows<how, most>(n, k, a, b, b_row, c, c_row);
    product_of_fewer_rows<how, most - 1>(m, n, k, a, b, b_row, c, c_row);
  }
}

/// c (m, n) = a (m, k) b (k, n), or is added to; columns of b and c lie together. Each sum is taken in the order of k.
template <Sum how, class T>
void tile_product(std::int64_t m, std::int64_t n, std::int64_t k, Strided<const T> a, const T* b,
                  std::int64_t b_row, T* c, std::int64_t c_row) {
  std::int64_t i = 0;
  const auto advance = [&](std::int64_t rows) {
    i += rows;
    a.data += rows * a.row;
    c += rows * c_row;
  };
  for (; i + kTileRows <= m; advance(kTileRows))
    product_of_rows<how, kTileRows>(n, k, a, b, b_row, c, c_row);
  product_of_fewer_rows<how, kTileRows - 1>(m - i, n, k, a, b, b_row, c, c_row);
}

}  // namespace r1::ml
