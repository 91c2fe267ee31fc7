// The input language as a JSON Schema (draft 7), which editors use to complete and to check YAML.
// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "io/schema.hpp"
#include "io/yaml.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <string>
#include <string_view>

namespace r1::io {
namespace {

using Json = nlohmann::ordered_json;  // the order of the declarations: the same text every time
using Type = SchemaNode::Type;

constexpr std::string_view kNumberPattern = R"([-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]+)?)";

Json schema_json(const SchemaNode& schema);

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    if (std::string_view("^$.*+?()[]{}|\\/").find(c) != std::string_view::npos) result += '\\';
    result += c;
  }
  return result;
}

/// 1 rather than 1.0.
Json bound_json(double bound) {
  const auto whole = static_cast<std::int64_t>(bound);
  return static_cast<double>(whole) == bound ? Json(whole) : Json(bound);
}

Json number_json(const SchemaNode& schema, std::string_view type) {
  Json json = {{"type", type}};
  if (schema.above) json["exclusiveMinimum"] = bound_json(*schema.above);
  if (schema.min) json["minimum"] = bound_json(*schema.min);
  if (schema.max) json["maximum"] = bound_json(*schema.max);
  return json;
}

Json real_json(const SchemaNode& schema) {
  Json bare = number_json(schema, "number");
  if (schema.quantity == Quantity::number) return bare;
  std::vector<std::string> units;
  for (const auto& unit : unit_names(schema.quantity)) units.push_back(escaped(unit));
  std::string pattern = fmt::format(R"({}\s*({}))", kNumberPattern, joined(units, "|"));
  if (schema.quantity == Quantity::wall_time)
    pattern = fmt::format(R"({}|([0-9]+-)?[0-9]+:[0-5][0-9]:[0-5][0-9])", pattern);
  const std::string description =
      fmt::format("A {} with its unit, such as '1 {}'.", name(schema.quantity),
                  unit_text(UnitStyle::metal, schema.quantity));
  return {
      {"anyOf",
       {bare,
        {{"type", "string"}, {"pattern", "^(" + pattern + ")$"}, {"description", description}}}}};
}

Json list_json(const SchemaNode& schema) {
  Json json = {{"type", "array"}, {"items", schema_json(schema.parts.front().node())}};
  if (schema.min_size > 0) json["minItems"] = schema.min_size;
  if (schema.max_size >= 0) json["maxItems"] = schema.max_size;
  return json;
}

/// A default's YAML as JSON; null if it is not a value of its own.
Json yaml_json(const YamlNode& node) {
  if (node.type == YamlNode::Type::sequence) {
    Json json = Json::array();
    for (const auto& item : node.items) json.push_back(yaml_json(item));
    return json;
  }
  if (node.type == YamlNode::Type::mapping) {
    Json json = Json::object();
    for (const auto& entry : node.entries) json[entry.key] = yaml_json(entry.value);
    return json;
  }
  if (node.type == YamlNode::Type::null) return nullptr;
  if (node.text == "true" || node.text == "false") return node.text == "true";
  const auto number = parse_quantity(node.text, Quantity::number, UnitStyle::metal).value;
  if (!number) return node.text;
  const bool whole = node.text.find_first_not_of("+-0123456789") == std::string::npos &&
                     code_points(node.text) < 16;
  return whole ? Json(static_cast<std::int64_t>(number->value)) : Json(number->value);
}

Json key_json(const Key& key) {
  Json json = schema_json(key.schema.node());
  json["description"] = key.sentence;
  if (!key.fallback) return json;
  const YamlDocument document = parse_yaml(
      std::make_shared<const YamlSource>(YamlSource::Kind::fallback, "default", *key.fallback));
  R1_ASSERT(document.root && document.faults.empty());
  json["default"] = yaml_json(*document.root);
  return json;
}

Json require(const std::string& key) { return {{"required", Json::array({key})}}; }

/// exactly_one: one of the keys (none will do if one of them has a default); at_most_one: no two of them.
Json rule_json(const SchemaNode& schema, const SchemaNode::KeyRule& rule) {
  Json one = Json::array();
  for (const auto& key : rule.keys) one.push_back(require(key));
  const bool has_default = std::any_of(rule.keys.begin(), rule.keys.end(), [&](const auto& key) {
    return schema.find_key(key)->fallback.has_value();
  });
  if (rule.rule == Rule::at_most_one || has_default)
    return {{"oneOf", Json::array({Json{{"oneOf", one}}, Json{{"not", {{"anyOf", one}}}}})}};
  return {{"oneOf", one}};
}

Json mapping_json(const SchemaNode& schema) {
  Json json = {{"type", "object"}, {"properties", Json::object()}};
  Json required = Json::array();
  for (const auto& key : schema.keys) {
    json["properties"][key.name] = key_json(key);
    if (key.required && !key.fallback) required.push_back(key.name);
  }
  if (!required.empty()) json["required"] = required;
  json["additionalProperties"] = false;
  for (const auto& rule : schema.rules) json["allOf"].push_back(rule_json(schema, rule));
  const Key* lone = schema.find_key(schema.shorthand);
  if (lone == nullptr) return json;
  return {{"anyOf", Json::array({schema_json(lone->schema.node()), json})}};
}

Json choice_json(const SchemaNode& schema) {
  Json words = Json::array();
  Json object = {{"type", "object"}, {"properties", Json::object()}};
  for (const auto& kind : schema.kinds) {
    if (kind.options.node().may_be_empty()) words.push_back(kind.name);
    Json options = schema_json(kind.options.node());
    options["description"] = kind.sentence;
    object["properties"][kind.name] = std::move(options);
  }
  object["additionalProperties"] = false;
  object["minProperties"] = 1;
  object["maxProperties"] = 1;
  if (words.empty()) return object;
  return {{"anyOf", Json::array({Json{{"enum", words}}, object})}};
}

Json any_of_json(const SchemaNode& schema) {
  Json forms = Json::array();
  for (const auto& part : schema.parts) forms.push_back(schema_json(part.node()));
  return {{"anyOf", forms}};
}

Json schema_json(const SchemaNode& schema) {
  switch (schema.type) {
    case Type::real:
      return real_json(schema);
    case Type::integer:
      return number_json(schema, "integer");
    case Type::boolean:
      return {{"type", "boolean"}};
    case Type::text:
      return {{"type", {"string", "number"}}};  // "7" and 7 are the same text
    case Type::path:
      return {{"type", "string"}};
    case Type::word:
      return {{"enum", schema.words}};
    case Type::list:
      return list_json(schema);
    case Type::list_or_one:
      return {
          {"anyOf", Json::array({schema_json(schema.parts.front().node()), list_json(schema)})}};
    case Type::mapping:
      return mapping_json(schema);
    case Type::any_of:
      return any_of_json(schema);
    case Type::choice:
      return choice_json(schema);
  }
  return {};
}

}  // namespace

std::string config_json_schema(const Schema& root, std::string_view title) {
  Json json = {{"$schema", "http://json-schema.org/draft-07/schema#"}, {"title", title}};
  json.update(schema_json(root.node()));
  return json.dump(2) + '\n';
}

}  // namespace r1::io
