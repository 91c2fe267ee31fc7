// A mistake in how operations are put together: shapes, element types, axes. The message shows both sides; the graph adds where in
// the model it happened.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace r1::ml {

class ShapeError : public Error {
 public:
  explicit ShapeError(std::string message, SourceLocation where = SourceLocation::here())
      : Error(std::move(message), where) {}

  /// Prepends where in the model it happened; the innermost place that is known stays.
  void place(const std::string& place) {
    if (std::exchange(placed_, true)) return;
    add_context(place);
  }

 private:
  bool placed_ = false;
};

/// Throws ShapeError with the formatted message unless `condition` holds.
template <class... T>
void require(bool condition, fmt::format_string<T...> message, T&&... values) {
  if (!condition) throw ShapeError(fmt::format(message, std::forward<T>(values)...));
}

}  // namespace r1::ml
