// What a node knows beside its operands: axes, extents, constants. Ordered by name, hashable and printable, so that nodes can be
// interned and a graph can be written as text and compared between ranks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/dtype.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace r1::ml {

using Integers = std::vector<std::int64_t>;
using Reals = std::vector<double>;
using Attribute = std::variant<std::int64_t, double, std::string, Dtype, Integers, Reals>;

class Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<std::pair<std::string, Attribute>> entries);

  /// Replaces or adds.
  Attributes& set(std::string name, Attribute value);
  const Attribute* find(std::string_view name) const;

  // A missing name or another kind is a broken invariant: Error.
  std::int64_t integer(std::string_view name) const { return get<std::int64_t>(name); }
  double real(std::string_view name) const { return get<double>(name); }
  const std::string& text(std::string_view name) const { return get<std::string>(name); }
  Dtype dtype(std::string_view name) const { return get<Dtype>(name); }
  const Integers& integers(std::string_view name) const { return get<Integers>(name); }
  const Reals& reals(std::string_view name) const { return get<Reals>(name); }

  const std::vector<std::pair<std::string, Attribute>>& entries() const { return entries_; }
  /// Reals compare and hash by their bits: 0.0 is not -0.0, and a NaN equals itself.
  std::size_t hash() const;
  friend bool operator==(const Attributes& a, const Attributes& b);
  /// "axes=[0, 1] value=0.5", shortest text that reads back to the same bits and kinds (ml/graph/parse.hpp); "" if there are none.
  std::string to_text() const;

 private:
  template <class T>
  const T& get(std::string_view name) const;
  std::vector<std::pair<std::string, Attribute>> entries_;
};

/// With '"' and '\\' behind a '\\', and control characters as \\xHH.
std::string escaped(std::string_view text);

/// Mixes `value` into a hash.
constexpr std::size_t hash_combine(std::size_t seed, std::size_t value) {
  return seed ^ (value + 0x9e3779b97f4a7c15ULL + (seed << 12) + (seed >> 4));
}

}  // namespace r1::ml
