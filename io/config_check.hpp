// Checks a YAML tree against a schema and builds the tree of checked values. Scalars, lists and alternatives are in
// config_check.cpp; mappings, choices, defaults and refusals in config_check_mapping.cpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config_node.hpp"
#include "io/schema.hpp"

#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace r1::io {

class ConfigChecker {
 public:
  using Result = std::unique_ptr<ConfigNode>;

  /// `folder`: what paths are relative to.
  ConfigChecker(UnitStyle style, std::filesystem::path folder, std::vector<YamlFault>& faults)
      : style_(style), folder_(std::move(folder)), faults_(&faults) {}

  /// The checked value, or null after at least one fault. `where` names the value: the key or kind that holds it.
  Result check(const YamlNode& node, const SchemaNode& schema, std::string_view where);

 private:
  Result check_real(const YamlNode& node, const SchemaNode& schema);
  Result check_integer(const YamlNode& node, const SchemaNode& schema);
  Result check_boolean(const YamlNode& node, const SchemaNode& schema);
  Result check_word(const YamlNode& node, const SchemaNode& schema);
  Result check_text(const YamlNode& node, const SchemaNode& schema);
  Result check_list(const YamlNode& node, const SchemaNode& schema, std::string_view where);
  Result check_list_or_one(const YamlNode& node, const SchemaNode& schema, std::string_view where);
  Result check_any_of(const YamlNode& node, const SchemaNode& schema, std::string_view where);
  Result check_mapping(const YamlNode& node, const SchemaNode& schema, std::string_view where);
  Result check_choice(const YamlNode& node, const SchemaNode& schema);
  Result check_kind(const YamlNode& node, const SchemaNode& schema);

  /// Keys that count as given: those of the file, and those that an unknown key was probably meant to be, so that one slip
  /// of the pen is one fault.
  std::set<std::string> given_keys(const YamlNode& node, const SchemaNode& schema,
                                   std::string_view where);
  /// Reports broken rules; the keys whose defaults another key of their rule switches off.
  std::set<std::string> check_rules(const YamlNode& node, const SchemaNode& schema,
                                    const std::set<std::string>& given, std::string_view where);
  Result check_fallback(const Key& key, const YamlPlace& place);
  /// Reports values whose feature is not built.
  bool refused(const YamlNode& node, const Key& key);
  bool is_fallback(const YamlNode& node, const Key& key);

  bool in_bounds(double value, const SchemaNode& schema) const;
  Result wrong(const YamlNode& node, const SchemaNode& schema, std::string_view hint = {});
  Result fail(const YamlPlace& place, std::string message);
  Result make(const YamlNode& node, ConfigNode::Type type) const;

  UnitStyle style_;
  std::filesystem::path folder_;
  std::vector<YamlFault>* faults_;
  const YamlPlace* fallback_place_ =
      nullptr;  // of the mapping, while one of its defaults is checked
};

/// "a list", "a mapping", "nothing", "'5 ps'".
std::string found_text(const YamlNode& node);

}  // namespace r1::io
