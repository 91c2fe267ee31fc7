// SPDX-License-Identifier: Apache-2.0
#include "io/config_override.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace r1::io {
namespace {

/// A key, or an index if `key` is empty.
struct Step {
  std::string key;
  std::size_t index = 0;
};

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// "run[0].dynamics.steps"; none if it is malformed or deeper than a file may be.
std::optional<std::vector<Step>> parse_path(std::string_view text) {
  std::vector<Step> steps;
  while (!text.empty() && steps.size() < static_cast<std::size_t>(YamlLimits::kDepth)) {
    if (text.front() == '[') {
      Step step;
      const auto [end, code] =
          std::from_chars(text.data() + 1, text.data() + text.size(), step.index);
      if (steps.empty() || code != std::errc{} || end == text.data() + text.size() || *end != ']')
        return std::nullopt;
      text.remove_prefix(static_cast<std::size_t>(end - text.data()) + 1);
      steps.push_back(step);
      continue;
    }
    if (!steps.empty()) {
      if (text.front() != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    std::size_t length = 0;
    while (length < text.size() && is_key_character(text[length])) ++length;
    if (length == 0) return std::nullopt;
    steps.push_back({std::string(text.substr(0, length)), 0});
    text.remove_prefix(length);
  }
  if (steps.empty() || !text.empty()) return std::nullopt;
  return steps;
}

std::string kind_text(const YamlNode& node) {
  if (node.type == YamlNode::Type::sequence) return "a list";
  if (node.type == YamlNode::Type::mapping) return "a mapping";
  return '\'' + shortened(node.text) + '\'';
}

class Walker {
 public:
  Walker(YamlPlace place, std::vector<YamlFault>& faults)
      : place_(std::move(place)), faults_(faults) {}

  /// The value at `step` of `node`, made if it is absent; null after a fault.
  YamlNode* enter(YamlNode& node, const Step& step) {
    YamlNode* next = step.key.empty() ? enter_item(node, step.index) : enter_key(node, step.key);
    walked_ += step.key.empty() ? fmt::format("[{}]", step.index)
                                : (walked_.empty() ? "" : ".") + step.key;
    return next;
  }

 private:
  YamlNode* enter_key(YamlNode& node, const std::string& key) {
    if (node.type == YamlNode::Type::null) become(node, YamlNode::Type::mapping);
    if (node.type == YamlNode::Type::scalar && node.text == key) {
      become(node, YamlNode::Type::mapping);
      YamlNode options;
      become(options, YamlNode::Type::mapping);
      node.entries.push_back({key, place_, std::move(options)});
    }
    if (node.type != YamlNode::Type::mapping)
      return fault(fmt::format(
          "'{}' is {}, so it has no key '{}'{}", walked_, kind_text(node), key,
          node.type == YamlNode::Type::sequence ? ": write " + walked_ + "[0]" : std::string()));
    if (YamlEntry* entry = node.find(key)) return &entry->value;
    node.entries.push_back({key, place_, absent()});
    return &node.entries.back().value;
  }

  YamlNode* enter_item(YamlNode& node, std::size_t index) {
    if (node.type == YamlNode::Type::null) become(node, YamlNode::Type::sequence);
    if (node.type != YamlNode::Type::sequence) {
      if (index == 0) return &node;  // a lone value where a list may stand
      return fault(fmt::format("'{}' is {}, not a list", walked_, kind_text(node)));
    }
    if (index > node.items.size())
      return fault(
          fmt::format("'{}' has {} items, counted from 0; [{}] is beyond the place after the "
                      "last",
                      walked_, node.items.size(), index));
    if (index == node.items.size()) node.items.push_back(absent());
    return &node.items[index];
  }

  void become(YamlNode& node, YamlNode::Type type) const {
    node = YamlNode{};
    node.type = type;
    node.place = place_;
  }

  YamlNode absent() const {
    YamlNode node;
    node.place = place_;
    return node;
  }

  YamlNode* fault(std::string message) {
    faults_.push_back({place_, std::move(message)});
    return nullptr;
  }

  YamlPlace place_;
  std::vector<YamlFault>& faults_;
  std::string walked_;
};

}  // namespace

void apply_override(YamlNode& root, const Override& change, std::vector<YamlFault>& faults) {
  const std::string name = fmt::format("--set {}={}", change.path, change.yaml);
  const auto source = std::make_shared<const YamlSource>(YamlSource::Kind::option,
                                                         shortened(name, 200), change.yaml);
  const YamlPlace place{source, 0};
  const auto steps = parse_path(change.path);
  if (!steps) {
    faults.push_back(
        {place, fmt::format("'{}' is not a path to a value: write keys and indices, such as "
                            "run[0].dynamics.steps",
                            shortened(change.path))});
    return;
  }
  YamlDocument value = parse_yaml(source);
  faults.insert(faults.end(), value.faults.begin(), value.faults.end());
  if (!value.root) return;
  Walker walker(place, faults);
  YamlNode* node = &root;
  for (const auto& step : *steps) {
    node = walker.enter(*node, step);
    if (node == nullptr) return;
  }
  *node = std::move(*value.root);
}

}  // namespace r1::io
