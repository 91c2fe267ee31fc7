// The type of a value: element type, shape, and how the ranks' copies make up the logical tensor.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/dtype.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

namespace r1::ml {

/// Extents, the last one fastest in memory. Extents of 0 are legal; the number of elements fits in 63 bits.
class Shape {
 public:
  static constexpr int kMostAxes = 8;

  Shape() = default;  // a scalar
  Shape(std::initializer_list<std::int64_t> extents) : Shape(std::vector<std::int64_t>(extents)) {}
  /// Throws ShapeError for a negative extent, too many axes or too many elements.
  explicit Shape(std::vector<std::int64_t> extents);

  int rank() const { return static_cast<int>(extents_.size()); }
  std::int64_t operator[](int axis) const { return extents_[static_cast<std::size_t>(axis)]; }
  const std::vector<std::int64_t>& extents() const { return extents_; }
  std::int64_t elements() const;
  /// "(64, 3, 28, 28)"; a scalar is "()".
  std::string text() const;

  auto begin() const { return extents_.begin(); }
  auto end() const { return extents_.end(); }
  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> extents_;
};

/// How a tensor is spread over the ranks. Shapes are always those of one rank.
enum class Spread : std::uint8_t {
  replicated,  // every rank holds the same
  partial,     // the logical tensor is the sum over the ranks
  sharded      // every rank holds its own part
};

struct Type {
  Dtype dtype = Dtype::f32;
  Shape shape;
  Spread spread = Spread::replicated;

  std::size_t bytes() const { return static_cast<std::size_t>(shape.elements()) * size_of(dtype); }
  Type with(Shape other) const { return {dtype, std::move(other), spread}; }
  Type with(Dtype other) const { return {other, shape, spread}; }
  /// "f32(64, 10)", "f32(64, 10) partial".
  std::string text() const;
  /// Elements and shape agree, however they are spread.
  bool is_like(const Type& other) const { return dtype == other.dtype && shape == other.shape; }
  friend bool operator==(const Type&, const Type&) = default;
};

}  // namespace r1::ml
