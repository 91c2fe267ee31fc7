// SPDX-License-Identifier: Apache-2.0
#include "io/schema.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace r1::io {
namespace {

Schema make(SchemaNode node) { return Schema(std::make_shared<const SchemaNode>(std::move(node))); }

SchemaNode of_type(SchemaNode::Type type) {
  SchemaNode node;
  node.type = type;
  return node;
}

bool is_numeric(const SchemaNode& node) {
  return node.type == SchemaNode::Type::real || node.type == SchemaNode::Type::integer;
}

std::string list_expectation(const SchemaNode& schema, UnitStyle style) {
  const std::string element = expectation(schema.parts.front().node(), style);
  if (schema.min_size == schema.max_size && schema.min_size > 0)
    return fmt::format("a list of {} (each {})", schema.min_size, element);
  std::string size;
  if (schema.min_size > 0) size = fmt::format("{} or more", schema.min_size);
  if (schema.max_size >= 0) size = fmt::format("{} to {}", schema.min_size, schema.max_size);
  return size.empty() ? fmt::format("a list (each {})", element)
                      : fmt::format("a list of {} (each {})", size, element);
}

std::string real_expectation(const SchemaNode& schema, UnitStyle style) {
  const std::string_view unit = unit_text(style, schema.quantity);
  if (schema.quantity == Quantity::number || unit.empty()) return "a number" + bounds_text(schema);
  return fmt::format("a number with a unit of {} (bare: {}){}", name(schema.quantity), unit,
                     bounds_text(schema));
}

std::string one_of(const std::vector<std::string>& names) {
  if (names.size() == 1) return '\'' + names.front() + '\'';
  return "one of " + joined(names);
}

std::string any_expectation(const SchemaNode& schema, UnitStyle style) {
  std::vector<std::string> forms;
  for (const auto& part : schema.parts) forms.push_back(expectation(part.node(), style));
  return joined(forms, ", or ");
}

std::string mapping_expectation(const SchemaNode& schema, UnitStyle style) {
  const std::string text = schema.keys.empty()
                               ? std::string("an empty mapping {}")
                               : fmt::format("a mapping (keys {})", joined(schema.key_names()));
  const Key* key = schema.find_key(schema.shorthand);
  return key == nullptr ? text : expectation(key->schema.node(), style) + ", or " + text;
}

}  // namespace

Schema Schema::min(double bound) const {
  R1_ASSERT(is_numeric(*node_));
  SchemaNode node = *node_;
  node.min = bound;
  return make(std::move(node));
}

Schema Schema::max(double bound) const {
  R1_ASSERT(is_numeric(*node_));
  SchemaNode node = *node_;
  node.max = bound;
  return make(std::move(node));
}

Schema Schema::above(double bound) const {
  R1_ASSERT(is_numeric(*node_));
  SchemaNode node = *node_;
  node.above = bound;
  return make(std::move(node));
}

Schema real(Quantity quantity) {
  SchemaNode node = of_type(SchemaNode::Type::real);
  node.quantity = quantity;
  return make(std::move(node));
}

Schema integer() { return make(of_type(SchemaNode::Type::integer)); }
Schema boolean() { return make(of_type(SchemaNode::Type::boolean)); }
Schema text() { return make(of_type(SchemaNode::Type::text)); }
Schema path() { return make(of_type(SchemaNode::Type::path)); }

Schema word(std::vector<std::string> words) {
  R1_ASSERT(!words.empty());
  SchemaNode node = of_type(SchemaNode::Type::word);
  node.words = std::move(words);
  return make(std::move(node));
}

Schema list(Schema element, int min_size, int max_size) {
  SchemaNode node = of_type(SchemaNode::Type::list);
  node.parts.push_back(std::move(element));
  node.min_size = min_size;
  node.max_size = max_size;
  return make(std::move(node));
}

Schema list_or_one(Schema element) {
  SchemaNode node = of_type(SchemaNode::Type::list_or_one);
  node.parts.push_back(std::move(element));
  return make(std::move(node));
}

Schema mapping(std::vector<Key> keys) { return mapping(std::move(keys), std::string()); }

Schema mapping(std::vector<Key> keys, std::string shorthand) {
  SchemaNode node = of_type(SchemaNode::Type::mapping);
  node.keys = std::move(keys);
  node.shorthand = std::move(shorthand);
  R1_ASSERT(node.shorthand.empty() || node.find_key(node.shorthand) != nullptr);
  return make(std::move(node));
}

Schema any_of(std::vector<Schema> alternatives) {
  R1_ASSERT(!alternatives.empty());
  SchemaNode node = of_type(SchemaNode::Type::any_of);
  node.parts = std::move(alternatives);
  return make(std::move(node));
}

Schema choice(std::vector<ChoiceKind> kinds) {
  R1_ASSERT(!kinds.empty());
  SchemaNode node = of_type(SchemaNode::Type::choice);
  node.kinds = std::move(kinds);
  return make(std::move(node));
}

Schema with_rule(const Schema& mapping, Rule rule, std::vector<std::string> keys) {
  SchemaNode node = mapping.node();
  R1_ASSERT(node.type == SchemaNode::Type::mapping);
  int defaults = 0;
  for (const auto& key : keys) {
    R1_ASSERT(node.find_key(key) != nullptr);
    if (node.find_key(key)->fallback) ++defaults;
  }
  R1_ASSERT(defaults <= 1);  // they would exclude each other
  node.rules.push_back({rule, std::move(keys)});
  return make(std::move(node));
}

Key::Key(std::string name_, Schema schema_, std::string sentence_)
    : name(std::move(name_)), schema(std::move(schema_)), sentence(std::move(sentence_)) {}

Key Key::required_() const {
  Key key = *this;
  key.required = true;
  return key;
}

Key Key::or_(std::string yaml) const {
  Key key = *this;
  key.fallback = std::move(yaml);
  return key;
}

Key Key::refused(std::vector<std::string> values, std::string feature) const {
  Key key = *this;
  key.later = std::move(values);
  key.later_feature = std::move(feature);
  return key;
}

const Key* SchemaNode::find_key(std::string_view name) const {
  const auto found =
      std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return found == keys.end() ? nullptr : &*found;
}

const ChoiceKind* SchemaNode::find_kind(std::string_view name) const {
  const auto found = std::find_if(kinds.begin(), kinds.end(),
                                  [&](const ChoiceKind& kind) { return kind.name == name; });
  return found == kinds.end() ? nullptr : &*found;
}

std::vector<std::string> SchemaNode::key_names() const {
  std::vector<std::string> names;
  for (const auto& key : keys) names.push_back(key.name);
  return names;
}

std::vector<std::string> SchemaNode::kind_names() const {
  std::vector<std::string> names;
  for (const auto& kind : kinds) names.push_back(kind.name);
  return names;
}

bool SchemaNode::may_be_empty() const {
  if (type != Type::mapping) return false;
  for (const auto& key : keys)
    if (key.required && !key.fallback) return false;
  return std::none_of(rules.begin(), rules.end(), [this](const KeyRule& rule) {
    const bool satisfied = std::any_of(rule.keys.begin(), rule.keys.end(), [this](const auto& key) {
      return find_key(key)->fallback.has_value();
    });
    return rule.rule == Rule::exactly_one && !satisfied;
  });
}

std::vector<std::string> words_of(const SchemaNode& schema) {
  std::vector<std::string> words = schema.words;
  for (const auto& kind : schema.kinds) words.push_back(kind.name);
  for (const auto& part : schema.parts)
    for (auto& word : words_of(part.node())) words.push_back(std::move(word));
  return words;
}

std::string bounds_text(const SchemaNode& schema) {
  if (schema.min && schema.max && *schema.min == *schema.max)
    return fmt::format(" = {}", *schema.min);
  std::vector<std::string> bounds;
  if (schema.above) bounds.push_back(fmt::format("> {}", *schema.above));
  if (schema.min) bounds.push_back(fmt::format(">= {}", *schema.min));
  if (schema.max) bounds.push_back(fmt::format("<= {}", *schema.max));
  return bounds.empty() ? std::string() : ' ' + joined(bounds, " and ");
}

std::string expectation(const SchemaNode& schema, UnitStyle style) {
  using Type = SchemaNode::Type;
  switch (schema.type) {
    case Type::real:
      return real_expectation(schema, style);
    case Type::integer:
      return "a whole number" + bounds_text(schema);
    case Type::boolean:
      return "true or false";
    case Type::text:
      return "a text";
    case Type::path:
      return "a path";
    case Type::word:
      return one_of(schema.words);
    case Type::list:
      return list_expectation(schema, style);
    case Type::list_or_one:
      return expectation(schema.parts.front().node(), style) + ", or a list of such";
    case Type::mapping:
      return mapping_expectation(schema, style);
    case Type::any_of:
      return any_expectation(schema, style);
    case Type::choice:
      return one_of(schema.kind_names());
  }
  assertion_failed("every type has an expectation", SourceLocation::here());
}

}  // namespace r1::io
