// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/type.hpp"

#include "ml/graph/shape_error.hpp"

#include <cstdint>

namespace r1::ml {

Shape::Shape(std::vector<std::int64_t> extents) : extents_(std::move(extents)) {
  require(rank() <= kMostAxes, "a tensor has at most {} axes, this one would have {}", kMostAxes,
          rank());
  std::int64_t elements = 1;
  for (const auto extent : extents_) {
    require(extent >= 0, "an extent is not negative: {}", text());
    require(!__builtin_mul_overflow(elements, extent, &elements),
            "too many elements: {} does not fit in memory", text());
  }
}

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const auto extent : extents_) product *= extent;
  return product;
}

std::string Shape::text() const {
  std::string text = "(";
  for (int axis = 0; axis < rank(); ++axis)
    text += (axis > 0 ? ", " : "") + std::to_string((*this)[axis]);
  return text + (rank() == 1 ? ",)" : ")");
}

std::string Type::text() const {
  auto text = std::string(name_of(dtype)) + shape.text();
  if (spread == Spread::partial) text += " partial";
  if (spread == Spread::sharded) text += " sharded";
  return text;
}

}  // namespace r1::ml
