// The checked tree behind Config.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"
#include "io/yaml.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1::io {

struct ConfigNode {
  enum class Type { real, integer, boolean, text, path, list, mapping, choice };
  struct Member {
    std::string key;
    std::unique_ptr<ConfigNode> value;
  };

  Type type = Type::text;
  YamlPlace place;  // of a default: the place of its mapping
  Origin origin = Origin::file;
  int alternative = -1;  // of the any_of that this value was checked against, if any

  double real = 0.0;        // in the style's unit
  std::string_view unit;    // of real, "" under lj
  bool needs_unit = false;  // a bare number would be read as another alternative
  std::int64_t integer = 0;
  bool boolean = false;
  std::string text;                // text and path as written; of a choice: the kind
  std::filesystem::path resolved;  // path
  std::vector<std::unique_ptr<ConfigNode>> items;  // list; of a choice: its options alone
  std::vector<Member> members;                     // mapping, in the order of the schema

  const ConfigNode* find(std::string_view key) const {
    for (const auto& member : members)
      if (member.key == key) return member.value.get();
    return nullptr;
  }
};

}  // namespace r1::io
