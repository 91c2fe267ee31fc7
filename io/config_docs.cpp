// The reference of the input language in Markdown: a table per mapping, a section per kind of a choice.
// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "io/schema.hpp"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

namespace r1::io {
namespace {

using Type = SchemaNode::Type;

std::string code(std::string_view text) { return fmt::format("`{}`", text); }

std::string codes(const std::vector<std::string>& words) {
  std::vector<std::string> parts;
  parts.reserve(words.size());
  for (const auto& word : words) parts.push_back(code(word));
  return joined(parts);
}

/// "time (ps or fs)": the units of bare numbers under metal and real.
std::string quantity_text(Quantity quantity) {
  if (quantity == Quantity::number) return "number";
  const std::string_view metal = unit_text(UnitStyle::metal, quantity);
  const std::string_view real = unit_text(UnitStyle::real, quantity);
  if (metal == real) return fmt::format("{} ({})", name(quantity), metal);
  return fmt::format("{} ({} or {})", name(quantity), metal, real);
}

std::string size_text(const SchemaNode& schema) {
  if (schema.min_size == schema.max_size) return fmt::format("list of {}: ", schema.min_size);
  if (schema.max_size >= 0)
    return fmt::format("list of {} to {}: ", schema.min_size, schema.max_size);
  return schema.min_size > 0 ? fmt::format("list of {} or more: ", schema.min_size) : "list of ";
}

std::string type_text(const SchemaNode& schema) {
  switch (schema.type) {
    case Type::real:
      return quantity_text(schema.quantity) + bounds_text(schema);
    case Type::integer:
      return "whole number" + bounds_text(schema);
    case Type::boolean:
      return "`true`, `false`";
    case Type::text:
      return "text";
    case Type::path:
      return "path";
    case Type::word:
      return codes(schema.words);
    case Type::list:
      return size_text(schema) + type_text(schema.parts.front().node());
    case Type::list_or_one:
      return type_text(schema.parts.front().node()) + ", or a list of such";
    case Type::mapping: {
      const Key* key = schema.find_key(schema.shorthand);
      return key == nullptr ? "mapping" : type_text(key->schema.node()) + ", or mapping";
    }
    case Type::any_of: {
      std::vector<std::string> forms;
      for (const auto& part : schema.parts) forms.push_back(type_text(part.node()));
      return joined(forms, ", or ");
    }
    case Type::choice:
      return codes(schema.kind_names());
  }
  return {};
}

std::string cell(std::string_view text) { return replaced(replaced(text, "|", "\\|"), "\n", " "); }

std::string default_text(const Key& key) {
  if (key.fallback) return code(*key.fallback);
  return key.required ? "required" : "–";
}

std::string meaning(const Key& key) {
  if (key.later.empty()) return key.sentence;
  const bool all = key.later.front() == "*";
  return fmt::format("{} Not available yet: {} ({}).", key.sentence,
                     all ? "other values than the default" : codes(key.later), key.later_feature);
}

class Writer {
 public:
  std::string take() { return std::move(text_); }
  void add(const std::string& line) { text_ += line + '\n'; }

  void table(const SchemaNode& mapping) {
    if (mapping.keys.empty()) return add("\nNo keys.");
    add("\n| key | value | default | meaning |\n|---|---|---|---|");
    for (const auto& key : mapping.keys)
      add(fmt::format("| {} | {} | {} | {} |", code(key.name), cell(type_text(key.schema.node())),
                      cell(default_text(key)), cell(meaning(key))));
    if (!mapping.shorthand.empty())
      add(fmt::format("\nA lone value stands for `{{{}: value}}`.", mapping.shorthand));
    for (const auto& rule : mapping.rules)
      add(fmt::format("\n{} one of {}.", rule.rule == Rule::exactly_one ? "Exactly" : "At most",
                      codes(rule.keys)));
  }

  /// Sections of what the keys of `mapping` hold.
  void sections(const SchemaNode& mapping, const std::string& path) {
    for (const auto& key : mapping.keys)
      value(key.schema.node(), path.empty() ? key.name : path + '.' + key.name, key.sentence);
  }

 private:
  void value(const SchemaNode& schema, const std::string& path, const std::string& sentence) {
    switch (schema.type) {
      case Type::mapping:
        return section(schema, path, sentence);
      case Type::list:
      case Type::list_or_one:
        return value(schema.parts.front().node(), path + "[]", sentence);
      case Type::any_of:
        for (const auto& part : schema.parts) value(part.node(), path, sentence);
        return;
      case Type::choice:
        for (const auto& kind : schema.kinds)
          section(kind.options.node(), path + '.' + kind.name, kind.sentence);
        return;
      default:
        return;
    }
  }

  void section(const SchemaNode& schema, const std::string& path, const std::string& sentence) {
    add(fmt::format("\n### {}\n\n{}", code(path), sentence));
    if (schema.type != Type::mapping) {
      add("\nValue: " + type_text(schema) + '.');
      return value(schema, path, sentence);
    }
    table(schema);
    sections(schema, path);
  }

  std::string text_;
};

}  // namespace

std::string config_markdown(const Schema& root, std::string_view title) {
  R1_ASSERT(root.node().type == Type::mapping);
  Writer writer;
  writer.add(fmt::format("## {}", title));
  writer.table(root.node());
  writer.sections(root.node(), "");
  return writer.take();
}

}  // namespace r1::io
