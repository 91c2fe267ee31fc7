// What a Schema holds, for those who walk it: the checker, the documents, the JSON Schema.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"

#include <optional>
#include <string>
#include <vector>

namespace r1::io {

struct SchemaNode {
  enum class Type {
    real,
    integer,
    boolean,
    text,
    path,
    word,
    list,
    list_or_one,
    mapping,
    any_of,
    choice
  };
  struct KeyRule {
    Rule rule;
    std::vector<std::string> keys;
  };

  Type type = Type::text;
  Quantity quantity = Quantity::number;  // real
  std::optional<double> min;             // real, integer
  std::optional<double> max;
  std::optional<double> above;
  std::vector<std::string> words;  // word
  std::vector<Schema> parts;       // list, list_or_one: the element; any_of: the alternatives
  int min_size = 0;                // list
  int max_size = -1;
  std::vector<Key> keys;          // mapping
  std::string shorthand;          // mapping; empty: none
  std::vector<KeyRule> rules;     // mapping
  std::vector<ChoiceKind> kinds;  // choice

  const Key* find_key(std::string_view name) const;
  const ChoiceKind* find_kind(std::string_view name) const;
  std::vector<std::string> key_names() const;
  std::vector<std::string> kind_names() const;
  /// A mapping that may be empty: nothing required, no rule that wants one of several keys.
  bool may_be_empty() const;
};

/// What a value must be, to follow "expected": "a number with a unit of time (bare: ps) > 0".
std::string expectation(const SchemaNode& schema, UnitStyle style);

/// The words and kinds that a scalar may be, alternatives and elements included: for suggestions.
std::vector<std::string> words_of(const SchemaNode& schema);

/// "> 0 and <= 1", or "".
std::string bounds_text(const SchemaNode& schema);

}  // namespace r1::io
