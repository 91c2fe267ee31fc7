// Strict YAML: a tree in which every node knows its place, and all faults of a text at once. Refused: bytes that are no UTF-8,
// control characters, tabs in the indentation, tags, merge keys, duplicate keys, keys that are no text, a second document, and
// whatever exceeds the limits below. Anchors may be used; what they expand to counts towards the limits.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::io {

struct YamlLimits {
  static constexpr std::size_t kBytes = 1U << 20U;          // of a file
  static constexpr std::size_t kExpandedBytes = 4U << 20U;  // of text in the tree, aliases expanded
  static constexpr std::size_t kNodes = 50'000;             // aliases expanded
  static constexpr int kDepth = 32;
  static constexpr std::size_t kFaults = 100;  // more of them stop the reading
};

/// A text that YAML is read from, and its name in messages.
class YamlSource {
 public:
  enum class Kind { file, option, fallback };
  /// A byte order mark is dropped.
  YamlSource(Kind kind, std::string name, std::string text);

  Kind kind() const { return kind_; }
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  /// A fault at a byte: with line, column (in code points, from 1) and excerpt for files, else with the name alone.
  Diagnostic diagnostic(std::size_t offset, std::string message) const;
  /// "14:7", for messages that refer to a second place.
  std::string position(std::size_t offset) const;

 private:
  struct LineColumn {
    std::size_t index;   // of the line, from 0
    std::size_t column;  // from 1
  };
  LineColumn line_column(std::size_t offset) const;
  std::size_t line_index(std::size_t offset) const;
  std::string_view line(std::size_t index) const;

  Kind kind_;
  std::string name_;
  std::string text_;
  std::vector<std::size_t> line_starts_;  // offsets
};

/// A byte of a source.
struct YamlPlace {
  std::shared_ptr<const YamlSource> source;
  std::size_t offset = 0;

  Diagnostic diagnostic(std::string message) const {
    return source->diagnostic(offset, std::move(message));
  }
};

struct YamlFault {
  YamlPlace place;
  std::string message;
};

struct YamlEntry;

struct YamlNode {
  enum class Type { null, scalar, sequence, mapping };
  Type type = Type::null;
  std::string text;                // of a scalar
  YamlPlace place;                 // of a null: the place of its key
  std::vector<YamlEntry> entries;  // of a mapping, in the order of the file
  std::vector<YamlNode> items;     // of a sequence

  const YamlEntry* find(std::string_view key) const;
  YamlEntry* find(std::string_view key);
};

struct YamlEntry {
  std::string key;
  YamlPlace key_place;
  YamlNode value;
};

/// What came of a text. `root` is absent where the text cannot be understood to its end.
struct YamlDocument {
  std::optional<YamlNode> root;
  std::vector<YamlFault> faults;
};

/// Never throws for the sake of the text.
YamlDocument parse_yaml(const std::shared_ptr<const YamlSource>& source);

}  // namespace r1::io
