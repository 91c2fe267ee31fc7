// SPDX-License-Identifier: Apache-2.0
#include "io/config_print.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>
#include <system_error>

namespace r1::io {
namespace {

using Type = ConfigNode::Type;

/// Shortest digits that read back to the same double, with a unit where that tells it from other numbers, else with a point, so
/// that no reader takes the number for an integer or, as YAML 1.1 does with "1e-05", for text.
std::string number_text(const ConfigNode& node) {
  std::array<char, 32> buffer{};
  const auto [end, code] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), node.real);
  R1_ASSERT(code == std::errc{});
  std::string text(buffer.data(), end);
  if (node.needs_unit && !node.unit.empty()) return text + ' ' + std::string(node.unit);
  if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

/// Words that some reader of YAML takes for something else than text.
bool is_reserved(std::string_view text) {
  static constexpr std::string_view kWords[] = {"null", "true", "false", "yes", "no", "on",
                                                "off",  "y",    "n",     "inf", "nan"};
  std::string lower(text);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return std::find(std::begin(kWords), std::end(kWords), lower) != std::end(kWords);
}

bool is_plain(std::string_view text) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const auto inner = [&](char c) {
    return letter(c) || (c >= '0' && c <= '9') ||
           std::string_view("./+-").find(c) != std::string_view::npos;
  };
  return !text.empty() && (letter(text.front()) || text.front() == '/') &&
         std::all_of(text.begin(), text.end(), inner) && !is_reserved(text);
}

std::string text_yaml(std::string_view text) {
  if (is_plain(text)) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\')
      quoted += {'\\', c};
    else if (byte < 0x20 || byte == 0x7F)
      quoted += fmt::format("\\x{:02x}", byte);
    else
      quoted += c;
  }
  return quoted + '"';
}

bool is_scalar(const ConfigNode& node) {
  return node.type != Type::list && node.type != Type::mapping && node.type != Type::choice;
}

std::string scalar_yaml(const ConfigNode& node) {
  switch (node.type) {
    case Type::real:
      return number_text(node);
    case Type::integer:
      return std::to_string(node.integer);
    case Type::boolean:
      return node.boolean ? "true" : "false";
    case Type::path:
      return text_yaml(std::filesystem::absolute(node.resolved).lexically_normal().string());
    default:
      return text_yaml(node.text);
  }
}

/// Writes blocks; each call follows the text "key:" or "-" on the line that is open.
class BlockWriter {
 public:
  /// Is the indentation of the first line there (after "- ")?
  enum class Lead { wanted, written };
  explicit BlockWriter(ConfigDocument::Origins origins) : origins_(origins) {}

  std::string take() { return std::move(text_); }

  void mapping_lines(const ConfigNode& node, std::size_t indent, Lead lead) {
    for (const auto& member : node.members) {
      const bool indented = lead == Lead::written && &member == &node.members.front();
      if (!indented) text_.append(indent, ' ');
      text_ += text_yaml(member.key) + ':';
      value(*member.value, indent);
    }
  }

 private:
  void value(const ConfigNode& node, std::size_t indent) {
    if (is_one_line(node)) return end_line(node, ' ' + inline_yaml(node));
    end_line(node, "");
    if (node.type == Type::mapping) return mapping_lines(node, indent + 2, Lead::wanted);
    if (node.type == Type::choice) return kind(node, indent + 2, Lead::wanted);
    for (const auto& entry : node.items) {
      text_.append(indent + 2, ' ');
      item(*entry, indent + 2);
    }
  }

  /// What follows "-" at `indent`.
  void item(const ConfigNode& node, std::size_t indent) {
    text_ += '-';
    if (is_one_line(node) || node.type == Type::list) return value(node, indent);
    text_ += ' ';
    if (node.type == Type::mapping) return mapping_lines(node, indent + 2, Lead::written);
    kind(node, indent + 2, Lead::written);
  }

  void kind(const ConfigNode& node, std::size_t indent, Lead lead) {
    if (lead == Lead::wanted) text_.append(indent, ' ');
    text_ += text_yaml(node.text) + ':';
    value(*node.items.front(), indent);
  }

  void end_line(const ConfigNode& node, const std::string& rest) {
    text_ += rest;
    if (origins_ == ConfigDocument::Origins::shown) {
      static constexpr std::string_view kNames[] = {"file", "--set", "default"};
      text_ += fmt::format("  # {}", kNames[static_cast<int>(node.origin)]);
    }
    text_ += '\n';
  }

  /// Scalars, what is empty, and lists of scalars that come from one place.
  static bool is_one_line(const ConfigNode& node) {
    if (is_scalar(node)) return true;
    if (node.type == Type::mapping) return node.members.empty();
    if (node.type == Type::choice) return false;
    return std::all_of(node.items.begin(), node.items.end(), [&](const auto& entry) {
      return is_scalar(*entry) && entry->origin == node.origin;
    });
  }

  ConfigDocument::Origins origins_;
  std::string text_;
};

}  // namespace

namespace {

void collect_values(const ConfigNode& node, const std::string& path,
                    std::vector<ConfigDocument::Value>& values) {
  const std::string below = path.empty() ? "" : path + '.';
  if (node.type == Type::mapping) {
    for (const auto& member : node.members)
      collect_values(*member.value, below + member.key, values);
  } else if (node.type == Type::choice) {
    // The kind alone is a value, too: its options may be none.
    values.push_back({path, text_yaml(node.text), {}});
    collect_values(*node.items.front(), below + node.text, values);
  } else if (node.type == Type::list) {
    for (std::size_t k = 0; k < node.items.size(); ++k)
      collect_values(*node.items[k], path + '[' + std::to_string(k) + ']', values);
  } else {
    values.push_back({path, scalar_yaml(node), node.type == Type::path ? node.resolved : ""});
  }
}

}  // namespace

std::vector<ConfigDocument::Value> flat_values(const ConfigNode& root) {
  std::vector<ConfigDocument::Value> values;
  collect_values(root, "", values);
  return values;
}

std::string block_yaml(const ConfigNode& root, ConfigDocument::Origins origins) {
  R1_ASSERT(root.type == Type::mapping);
  if (root.members.empty()) return "{}\n";
  BlockWriter writer(origins);
  writer.mapping_lines(root, 0, BlockWriter::Lead::wanted);
  return writer.take();
}

std::string inline_yaml(const ConfigNode& node) {
  if (is_scalar(node)) return scalar_yaml(node);
  std::string text;
  const auto part = [&](const std::string& value) { text += (text.empty() ? "" : ", ") + value; };
  if (node.type == Type::choice)
    return '{' + text_yaml(node.text) + ": " + inline_yaml(*node.items.front()) + '}';
  for (const auto& item : node.items) part(inline_yaml(*item));
  for (const auto& member : node.members)
    part(text_yaml(member.key) + ": " + inline_yaml(*member.value));
  return node.type == Type::list ? '[' + text + ']' : '{' + text + '}';
}

}  // namespace r1::io
