// Transposed copies of small matrices within a kernel of a CPU, by squares of four that stay in registers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace r1::ml {

inline constexpr int kSquare = 4;

/// A row of a square of elements of so many bytes, in one register.
template <std::size_t bytes>
struct SquareRow;
template <>
struct SquareRow<1> {
  using type = std::uint8_t __attribute__((vector_size(kSquare)));
};
template <>
struct SquareRow<4> {
  using type = std::uint32_t __attribute__((vector_size(kSquare * 4)));
};
template <>
struct SquareRow<8> {
  using type = std::uint64_t __attribute__((vector_size(kSquare * 8)));
};

/// Rows of to (4, 4), `to_row` apart, are columns of x (4, 4), whose rows are `x_row` apart.
template <class T>
void transpose_square(const T* x, std::int64_t x_row, T* to, std::int64_t to_row) {
  using Row = typename SquareRow<sizeof(T)>::type;
  Row a, b, c, d;
  std::memcpy(&a, x, sizeof a);
  std::memcpy(&b, x + x_row, sizeof b);
  std::memcpy(&c, x + 2 * x_row, sizeof c);
  std::memcpy(&d, x + 3 * x_row, sizeof d);
  const Row ab_low = __builtin_shufflevector(a, b, 0, 4, 1, 5),
            ab_high = __builtin_shufflevector(a, b, 2, 6, 3, 7),
            cd_low = __builtin_shufflevector(c, d, 0, 4, 1, 5),
            cd_high = __builtin_shufflevector(c, d, 2, 6, 3, 7);
  a = __builtin_shufflevector(ab_low, cd_low, 0, 1, 4, 5);
  b = __builtin_shufflevector(ab_low, cd_low, 2, 3, 6, 7);
  c = __builtin_shufflevector(ab_high, cd_high, 0, 1, 4, 5);
  d = __builtin_shufflevector(ab_high, cd_high, 2, 3, 6, 7);
  std::memcpy(to, &a, sizeof a);
  std::memcpy(to + to_row, &b, sizeof b);
  std::memcpy(to + 2 * to_row, &c, sizeof c);
  std::memcpy(to + 3 * to_row, &d, sizeof d);
}

/// to (columns, rows) = x (rows, columns) transposed; rows of each lie `x_row` and `to_row` apart.
template <class T>
void transpose_rows(const T* x, std::int64_t rows, std::int64_t columns, std::int64_t x_row, T* to,
                    std::int64_t to_row) {
  const std::int64_t whole_rows = rows - rows % kSquare, whole = columns - columns % kSquare;
  for (std::int64_t i = 0; i < whole_rows; i += kSquare)
    for (std::int64_t j = 0; j < whole; j += kSquare)
      transpose_square(x + i * x_row + j, x_row, to + j * to_row + i, to_row);
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = i < whole_rows ? whole : 0; j < columns; ++j)
      to[j * to_row + i] = x[i * x_row + j];
}

}  // namespace r1::ml
