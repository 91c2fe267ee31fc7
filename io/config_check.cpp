// SPDX-License-Identifier: Apache-2.0
#include "io/config_check.hpp"

#include "core/text.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <optional>
#include <system_error>

namespace r1::io {
namespace {

using Type = SchemaNode::Type;

Origin origin_of(const YamlPlace& place) {
  switch (place.source->kind()) {
    case YamlSource::Kind::file:
      return Origin::file;
    case YamlSource::Kind::option:
      return Origin::command_line;
    case YamlSource::Kind::fallback:
      return Origin::fallback;
  }
  return Origin::file;
}

/// Can a value of this form fit at all? Decides whose faults are worth showing where no alternative fits.
bool takes_form(const SchemaNode& schema, YamlNode::Type form) {
  const auto part_takes = [form](const Schema& part) { return takes_form(part.node(), form); };
  switch (schema.type) {
    case Type::list:
      return form == YamlNode::Type::sequence;
    case Type::list_or_one:
      return form == YamlNode::Type::sequence || part_takes(schema.parts.front());
    case Type::mapping: {
      if (form == YamlNode::Type::mapping) return true;
      const Key* key = schema.find_key(schema.shorthand);
      return key != nullptr && part_takes(key->schema);
    }
    case Type::choice:
      return form == YamlNode::Type::mapping || form == YamlNode::Type::scalar;
    case Type::any_of:
      for (const auto& part : schema.parts)
        if (part_takes(part)) return true;
      return false;
    default:
      return form == YamlNode::Type::scalar;
  }
}

bool looks_numeric(const std::string& text) {
  return !text.empty() &&
         std::string_view("+-.0123456789").find(text.front()) != std::string_view::npos;
}

constexpr int kSameForm = 1;  // a number where a number may stand: nothing more is known

/// How sure it is that `schema`, which does not take `node`, was meant: 0 not, kSameForm, or more, in which case its own faults
/// say more than a list of all forms does.
int nearness(const YamlNode& node, const SchemaNode& schema) {
  if (!takes_form(schema, node.type)) return 0;
  if (node.type == YamlNode::Type::scalar) {
    if (schema.find_kind(node.text) != nullptr) return kSameForm + 1;
    const bool numeric = schema.type == Type::real || schema.type == Type::integer;
    return numeric && looks_numeric(node.text) ? kSameForm : 0;
  }
  int known = kSameForm + 1;
  for (const auto& entry : node.entries)
    if (schema.find_key(entry.key) != nullptr || schema.find_kind(entry.key) != nullptr) ++known;
  return known;
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// A leading zero is octal to some readers of YAML and decimal to others.
bool has_leading_zero(std::string_view text) {
  if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
  return text.size() > 1 && text.front() == '0';
}

/// For "1e4" where 10000 is meant.
std::string whole_number_hint(const std::string& text) {
  constexpr double kLargestExact = 9007199254740992.0;
  const auto number = parse_quantity(text, Quantity::number, UnitStyle::lj).value;
  if (!number || std::abs(number->value) > kLargestExact) return {};
  if (std::nearbyint(number->value) != number->value) return {};
  return fmt::format("write {}", static_cast<std::int64_t>(number->value));
}

}  // namespace

std::string found_text(const YamlNode& node) {
  switch (node.type) {
    case YamlNode::Type::null:
      return "nothing";
    case YamlNode::Type::scalar:
      return '\'' + shortened(node.text) + '\'';
    case YamlNode::Type::sequence:
      return "a list";
    case YamlNode::Type::mapping:
      return "a mapping";
  }
  return {};
}

ConfigChecker::Result ConfigChecker::fail(const YamlPlace& place, std::string message) {
  faults_->push_back({place, std::move(message)});
  return nullptr;
}

ConfigChecker::Result ConfigChecker::wrong(const YamlNode& node, const SchemaNode& schema,
                                           std::string_view hint) {
  return fail(node.place,
              fmt::format("found {}, expected {}{}", found_text(node), expectation(schema, style_),
                          hint.empty() ? "" : fmt::format(" ({})", hint)));
}

ConfigChecker::Result ConfigChecker::make(const YamlNode& node, ConfigNode::Type type) const {
  auto result = std::make_unique<ConfigNode>();
  result->type = type;
  result->place = fallback_place_ != nullptr ? *fallback_place_ : node.place;
  result->origin = fallback_place_ != nullptr ? Origin::fallback : origin_of(node.place);
  return result;
}

ConfigChecker::Result ConfigChecker::check(const YamlNode& node, const SchemaNode& schema,
                                           std::string_view where) {
  switch (schema.type) {
    case Type::list:
      return check_list(node, schema, where);
    case Type::list_or_one:
      return check_list_or_one(node, schema, where);
    case Type::mapping:
      return check_mapping(node, schema, where);
    case Type::any_of:
      return check_any_of(node, schema, where);
    case Type::choice:
      return check_choice(node, schema);
    default:
      break;
  }
  if (node.type != YamlNode::Type::scalar) return wrong(node, schema);
  switch (schema.type) {
    case Type::real:
      return check_real(node, schema);
    case Type::integer:
      return check_integer(node, schema);
    case Type::boolean:
      return check_boolean(node, schema);
    case Type::word:
      return check_word(node, schema);
    default:
      return check_text(node, schema);
  }
}

bool ConfigChecker::in_bounds(double value, const SchemaNode& schema) const {
  if (schema.min && value < *schema.min) return false;
  if (schema.max && value > *schema.max) return false;
  return !schema.above || value > *schema.above;
}

ConfigChecker::Result ConfigChecker::check_real(const YamlNode& node, const SchemaNode& schema) {
  const QuantityResult parsed = parse_quantity(node.text, schema.quantity, style_);
  if (!parsed.value) {
    if (!looks_numeric(node.text)) return wrong(node, schema);
    return fail(node.place, parsed.error);
  }
  if (!in_bounds(parsed.value->value, schema)) return wrong(node, schema);
  auto result = make(node, ConfigNode::Type::real);
  result->real = parsed.value->value;
  result->unit = unit_text(style_, schema.quantity);
  result->needs_unit = schema.quantity == Quantity::wall_time;  // 600 may be steps, or read as such
  return result;
}

ConfigChecker::Result ConfigChecker::check_integer(const YamlNode& node, const SchemaNode& schema) {
  const std::string_view digits = trim(node.text);
  const auto value = whole_number(digits);
  if (!value) return wrong(node, schema, whole_number_hint(node.text));
  if (has_leading_zero(digits))
    return wrong(node, schema, "a leading zero reads as octal elsewhere: leave it out");
  if (!in_bounds(static_cast<double>(*value), schema)) return wrong(node, schema);
  auto result = make(node, ConfigNode::Type::integer);
  result->integer = *value;
  return result;
}

ConfigChecker::Result ConfigChecker::check_boolean(const YamlNode& node, const SchemaNode& schema) {
  if (node.text != "true" && node.text != "false") {
    static constexpr std::string_view kOthers[] = {"yes",  "Yes",  "YES",   "no",   "No",
                                                   "NO",   "on",   "On",    "ON",   "off",
                                                   "True", "TRUE", "False", "FALSE"};
    for (const auto other : kOthers)
      if (node.text == other) return wrong(node, schema, "these two spellings alone");
    return wrong(node, schema);
  }
  auto result = make(node, ConfigNode::Type::boolean);
  result->boolean = node.text == "true";
  return result;
}

ConfigChecker::Result ConfigChecker::check_word(const YamlNode& node, const SchemaNode& schema) {
  for (const auto& word : schema.words) {
    if (node.text != word) continue;
    auto result = make(node, ConfigNode::Type::text);
    result->text = node.text;
    return result;
  }
  const auto nearest = nearest_name(node.text, schema.words);
  return wrong(node, schema, nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string());
}

ConfigChecker::Result ConfigChecker::check_text(const YamlNode& node, const SchemaNode& schema) {
  const bool is_path = schema.type == Type::path;
  if (node.text.empty()) return wrong(node, schema);
  auto result = make(node, is_path ? ConfigNode::Type::path : ConfigNode::Type::text);
  result->text = node.text;
  if (is_path) result->resolved = (folder_ / node.text).lexically_normal();
  return result;
}

ConfigChecker::Result ConfigChecker::check_list(const YamlNode& node, const SchemaNode& schema,
                                                std::string_view where) {
  if (node.type != YamlNode::Type::sequence) return wrong(node, schema);
  const auto size = static_cast<std::int64_t>(node.items.size());
  if (size < schema.min_size || (schema.max_size >= 0 && size > schema.max_size))
    return fail(node.place,
                fmt::format("found a list of {}, expected {}", size, expectation(schema, style_)));
  auto result = make(node, ConfigNode::Type::list);
  const std::size_t before = faults_->size();
  for (const auto& item : node.items)
    result->items.push_back(check(item, schema.parts.front().node(), where));
  return faults_->size() == before ? std::move(result) : nullptr;
}

ConfigChecker::Result ConfigChecker::check_list_or_one(const YamlNode& node,
                                                       const SchemaNode& schema,
                                                       std::string_view where) {
  const SchemaNode& element = schema.parts.front().node();
  const bool nested = element.type == Type::list && node.type == YamlNode::Type::sequence &&
                      !node.items.empty() && node.items.front().type != YamlNode::Type::sequence;
  if (node.type == YamlNode::Type::sequence && !nested) return check_list(node, schema, where);
  if (!takes_form(element, node.type)) return wrong(node, schema);
  Result lone = check(node, element, where);
  if (!lone) return nullptr;
  auto result = make(node, ConfigNode::Type::list);
  result->items.push_back(std::move(lone));
  return result;
}

ConfigChecker::Result ConfigChecker::check_any_of(const YamlNode& node, const SchemaNode& schema,
                                                  std::string_view where) {
  std::vector<YamlFault>* const outer = faults_;
  std::vector<YamlFault> best;  // of the alternative that comes nearest
  int best_nearness = 0;
  bool earlier_number = false;
  for (std::size_t i = 0; i < schema.parts.size(); ++i) {
    const SchemaNode& part = schema.parts[i].node();
    std::vector<YamlFault> faults;
    faults_ = &faults;
    Result result = check(node, part, where);
    faults_ = outer;
    if (result) {
      result->alternative = static_cast<int>(i);
      result->needs_unit = result->needs_unit || earlier_number;
      return result;
    }
    earlier_number = earlier_number || part.type == Type::real;
    const int near = nearness(node, part);
    if (near <= best_nearness) continue;
    best_nearness = near;
    best = std::move(faults);
  }
  if (best_nearness > kSameForm) {
    outer->insert(outer->end(), best.begin(), best.end());
    return nullptr;
  }
  if (best_nearness == kSameForm && best.front().message.compare(0, 5, "found") != 0)
    return wrong(node, schema, best.front().message);
  const auto nearest = nearest_name(node.text, words_of(schema));
  return wrong(node, schema, nearest ? fmt::format("did you mean '{}'?", *nearest) : std::string());
}

}  // namespace r1::io
