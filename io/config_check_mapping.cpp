// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "io/config_check.hpp"
#include "io/config_print.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace r1::io {
namespace {

using Type = SchemaNode::Type;

bool takes_list(const SchemaNode& schema) {
  if (schema.type == Type::list || schema.type == Type::list_or_one) return true;
  return std::any_of(schema.parts.begin(), schema.parts.end(), [&](const Schema& part) {
    return schema.type == Type::any_of && takes_list(part.node());
  });
}

std::string did_you_mean(const std::optional<std::string>& name) {
  return name ? fmt::format(" (did you mean '{}'?)", *name) : std::string();
}

/// "{every:100}" is a key "every:100" without a value.
std::string colon_hint(const std::string& key) {
  return key.find(':') == std::string::npos ? "" : " (a space must follow the ':' of a key)";
}

std::vector<std::string> quoted(const std::vector<std::string>& names) {
  std::vector<std::string> result;
  result.reserve(names.size());
  for (const auto& name : names) result.push_back('\'' + name + '\'');
  return result;
}

std::string where_text(std::string_view where) {
  return where.empty() ? std::string("at the top level") : fmt::format("in '{}'", where);
}

YamlNode empty_mapping(const YamlPlace& place) {
  YamlNode node;
  node.type = YamlNode::Type::mapping;
  node.place = place;
  return node;
}

}  // namespace

ConfigChecker::Result ConfigChecker::check_mapping(const YamlNode& node, const SchemaNode& schema,
                                                   std::string_view where) {
  if (node.type != YamlNode::Type::mapping) {
    const Key* key = schema.find_key(schema.shorthand);
    const bool stands_for_it =
        key != nullptr &&
        (node.type == YamlNode::Type::scalar ||
         (node.type == YamlNode::Type::sequence && takes_list(key->schema.node())));
    if (!stands_for_it)
      return wrong(node, schema,
                   node.type == YamlNode::Type::null && schema.may_be_empty()
                       ? "write {} for the defaults"
                       : "");
    YamlNode full = empty_mapping(node.place);
    full.entries.push_back({key->name, node.place, node});
    return check_mapping(full, schema, where);
  }
  const std::size_t before = faults_->size();
  const std::set<std::string> given = given_keys(node, schema, where);
  const std::set<std::string> off = check_rules(node, schema, given, where);
  auto result = make(node, ConfigNode::Type::mapping);
  for (const auto& key : schema.keys) {
    Result value;
    if (const YamlEntry* entry = node.find(key.name))
      value =
          refused(entry->value, key) ? nullptr : check(entry->value, key.schema.node(), key.name);
    else if (given.count(key.name) != 0 || off.count(key.name) != 0)
      continue;
    else if (key.fallback)
      value = check_fallback(key, result->place);
    else if (key.required)
      fail(node.place, fmt::format("required key '{}' is missing {}", key.name, where_text(where)));
    if (value) result->members.push_back({key.name, std::move(value)});
  }
  return faults_->size() == before ? std::move(result) : nullptr;
}

std::set<std::string> ConfigChecker::given_keys(const YamlNode& node, const SchemaNode& schema,
                                                std::string_view where) {
  std::set<std::string> given;
  for (const auto& entry : node.entries)
    if (schema.find_key(entry.key) != nullptr) given.insert(entry.key);
  const std::vector<std::string> names = schema.key_names();
  for (const auto& entry : node.entries) {
    if (schema.find_key(entry.key) != nullptr) continue;
    const auto nearest = nearest_name(entry.key, names);
    const std::string hint = nearest ? did_you_mean(nearest) : colon_hint(entry.key);
    const std::string allowed = names.empty() ? "it takes no keys" : "allowed: " + joined(names);
    fail(entry.key_place, fmt::format("unknown key '{}' {}{}; {}", shortened(entry.key),
                                      where_text(where), hint, allowed));
    if (nearest) given.insert(*nearest);
  }
  return given;
}

std::set<std::string> ConfigChecker::check_rules(const YamlNode& node, const SchemaNode& schema,
                                                 const std::set<std::string>& given,
                                                 std::string_view where) {
  std::set<std::string> off;
  for (const auto& rule : schema.rules) {
    std::vector<std::string> chosen;
    for (const auto& entry : node.entries)
      if (std::find(rule.keys.begin(), rule.keys.end(), entry.key) != rule.keys.end())
        chosen.push_back(entry.key);
    if (chosen.size() > 1)
      fail(node.find(chosen[1])->key_place,
           fmt::format("{} exclude each other {}", joined(quoted(chosen), " and "),
                       where_text(where)));
    const auto is_given = [&](const std::string& key) { return given.count(key) != 0; };
    const auto has_fallback = [&](const std::string& key) {
      return schema.find_key(key)->fallback.has_value();
    };
    if (std::any_of(rule.keys.begin(), rule.keys.end(), is_given))
      off.insert(rule.keys.begin(), rule.keys.end());
    else if (rule.rule == Rule::exactly_one &&
             std::none_of(rule.keys.begin(), rule.keys.end(), has_fallback))
      fail(node.place,
           fmt::format("one of {} is required {}", joined(quoted(rule.keys)), where_text(where)));
  }
  return off;
}

ConfigChecker::Result ConfigChecker::check_choice(const YamlNode& node, const SchemaNode& schema) {
  if (node.type == YamlNode::Type::scalar) {
    YamlNode full = empty_mapping(node.place);
    full.entries.push_back({node.text, node.place, empty_mapping(node.place)});
    return check_kind(full, schema);
  }
  if (node.type != YamlNode::Type::mapping) return wrong(node, schema);
  if (node.entries.empty())
    return fail(node.place, "found {}, expected " + expectation(schema, style_));
  if (node.entries.size() > 1) {
    const YamlEntry& second = node.entries[1];
    return fail(
        second.key_place,
        fmt::format("'{}' stands beside '{}', expected one kind alone (are the options of '{}' "
                    "indented below it?)",
                    shortened(second.key), shortened(node.entries[0].key),
                    shortened(node.entries[0].key)));
  }
  return check_kind(node, schema);
}

/// `node` is a mapping with one entry.
ConfigChecker::Result ConfigChecker::check_kind(const YamlNode& node, const SchemaNode& schema) {
  const YamlEntry& entry = node.entries.front();
  const ChoiceKind* kind = schema.find_kind(entry.key);
  if (kind == nullptr) {
    const auto names = schema.kind_names();
    return fail(entry.key_place, fmt::format("found '{}', expected {}{}", shortened(entry.key),
                                             expectation(schema, style_),
                                             did_you_mean(nearest_name(entry.key, names))));
  }
  if (entry.value.type == YamlNode::Type::null)
    return fail(entry.value.place,
                fmt::format("'{}' is followed by nothing: write '{}' alone, '{}: {{}}', or options "
                            "indented below it",
                            kind->name, kind->name, kind->name));
  const SchemaNode& schema_of_options = kind->options.node();
  const bool lone_word = entry.key_place.source == entry.value.place.source &&
                         entry.key_place.offset == entry.value.place.offset;
  if (lone_word && schema_of_options.type != Type::mapping)
    return fail(entry.key_place, fmt::format("'{}' needs a value: {}", kind->name,
                                             expectation(schema_of_options, style_)));
  Result options = check(entry.value, schema_of_options, kind->name);
  if (!options) return nullptr;
  auto result = make(node, ConfigNode::Type::choice);
  result->text = kind->name;
  result->items.push_back(std::move(options));
  return result;
}

ConfigChecker::Result ConfigChecker::check_fallback(const Key& key, const YamlPlace& place) {
  const auto source =
      std::make_shared<const YamlSource>(YamlSource::Kind::fallback, "default", *key.fallback);
  YamlDocument document = parse_yaml(source);
  const YamlPlace* const outer_place = fallback_place_;
  std::vector<YamlFault>* const outer_faults = faults_;
  if (fallback_place_ == nullptr) fallback_place_ = &place;
  faults_ = &document.faults;
  Result value = document.root ? check(*document.root, key.schema.node(), key.name) : nullptr;
  faults_ = outer_faults;
  fallback_place_ = outer_place;
  if (!value)
    assertion_failed(fmt::format("the default '{}' of '{}' satisfies its schema: {}", *key.fallback,
                                 key.name, document.faults.front().message)
                         .c_str(),
                     SourceLocation::here());
  return value;
}

bool ConfigChecker::is_fallback(const YamlNode& node, const Key& key) {
  if (!key.fallback) return false;
  std::vector<YamlFault> ignored;
  std::vector<YamlFault>* const outer = faults_;
  faults_ = &ignored;
  const Result value = check(node, key.schema.node(), key.name);
  faults_ = outer;
  return value && inline_yaml(*value) == inline_yaml(*check_fallback(key, node.place));
}

bool ConfigChecker::refused(const YamlNode& node, const Key& key) {
  if (key.later.empty()) return false;
  const std::string use =
      key.fallback ? fmt::format("use '{}'", *key.fallback) : "leave the key out";
  const auto refuse = [&](const YamlPlace& place, const std::string& value) {
    fail(place, fmt::format("'{}: {}' is not available in this version ({}); {}", key.name,
                            shortened(value), key.later_feature, use));
    return true;
  };
  if (std::find(key.later.begin(), key.later.end(), "*") != key.later.end()) {
    if (is_fallback(node, key)) return false;
    const bool named = node.type == YamlNode::Type::mapping && node.entries.size() == 1;
    if (node.type == YamlNode::Type::scalar) return refuse(node.place, node.text);
    return refuse(node.place, named ? node.entries.front().key : "...");
  }
  const auto is_later = [&](const std::string& value) {
    return std::find(key.later.begin(), key.later.end(), value) != key.later.end();
  };
  if (node.type == YamlNode::Type::scalar && is_later(node.text))
    return refuse(node.place, node.text);
  if (node.type == YamlNode::Type::mapping && node.entries.size() == 1 &&
      is_later(node.entries.front().key))
    return refuse(node.entries.front().key_place, node.entries.front().key);
  bool any = false;
  for (const auto& item : node.items) any = refused(item, key) || any;
  return any;
}

}  // namespace r1::io
