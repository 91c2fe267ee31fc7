// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/attributes.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <type_traits>

namespace r1::ml {
namespace {

std::uint64_t bits_of(double value) { return std::bit_cast<std::uint64_t>(value); }

bool same(double a, double b) { return bits_of(a) == bits_of(b); }

bool same(const Attribute& a, const Attribute& b) {
  if (a.index() != b.index()) return false;
  if (const auto* real = std::get_if<double>(&a)) return same(*real, std::get<double>(b));
  if (const auto* reals = std::get_if<Reals>(&a)) {
    const auto& others = std::get<Reals>(b);
    return std::equal(reals->begin(), reals->end(), others.begin(), others.end(),
                      [](double x, double y) { return same(x, y); });
  }
  return a == b;
}

struct Hash {
  std::size_t operator()(double value) const { return std::hash<std::uint64_t>()(bits_of(value)); }
  std::size_t operator()(Dtype value) const { return static_cast<std::size_t>(value); }
  template <class T>
  std::size_t operator()(const std::vector<T>& values) const {
    std::size_t seed = values.size();
    for (const auto& value : values) seed = hash_combine(seed, (*this)(value));
    return seed;
  }
  template <class T>
  std::size_t operator()(const T& value) const {
    return std::hash<T>()(value);
  }
};

struct Text {
  std::string operator()(double value) const {
    if (value == value) return fmt::format("{:#}", value);
    return same(value, std::numeric_limits<double>::quiet_NaN())
               ? "nan"
               : fmt::format("nan({:016x})", bits_of(value));
  }
  std::string operator()(const Reals& values) const {
    if (values.empty()) return "reals[]";
    std::string text;
    for (const double value : values) text += (text.empty() ? "[" : ", ") + (*this)(value);
    return text + ']';
  }
  std::string operator()(Dtype value) const { return std::string(name_of(value)); }
  std::string operator()(const std::string& value) const { return '"' + escaped(value) + '"'; }
  template <class T>
  std::string operator()(const T& value) const {
    return fmt::format("{}", value);
  }
};

}  // namespace

Attributes::Attributes(std::initializer_list<std::pair<std::string, Attribute>> entries) {
  for (const auto& [name, value] : entries) set(name, value);
}

Attributes& Attributes::set(std::string name, Attribute value) {
  const auto at =
      std::lower_bound(entries_.begin(), entries_.end(), name,
                       [](const auto& entry, const auto& n) { return entry.first < n; });
  if (at != entries_.end() && at->first == name)
    at->second = std::move(value);
  else
    entries_.emplace(at, std::move(name), std::move(value));
  return *this;
}

const Attribute* Attributes::find(std::string_view name) const {
  for (const auto& [key, value] : entries_)
    if (key == name) return &value;
  return nullptr;
}

template <class T>
const T& Attributes::get(std::string_view name) const {
  const Attribute* found = find(name);
  if (found == nullptr || !std::holds_alternative<T>(*found))
    throw Error(
        fmt::format("a node has no attribute '{}' of the kind that its operation expects; "
                    "it has: {}",
                    name, to_text()));
  return std::get<T>(*found);
}

template const std::int64_t& Attributes::get(std::string_view) const;
template const double& Attributes::get(std::string_view) const;
template const std::string& Attributes::get(std::string_view) const;
template const Dtype& Attributes::get(std::string_view) const;
template const Integers& Attributes::get(std::string_view) const;
template const Reals& Attributes::get(std::string_view) const;

std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) {
      result += fmt::format("\\x{:02x}", code);
      continue;
    }
    if (c == '"' || c == '\\') result += '\\';
    result += c;
  }
  return result;
}

std::size_t Attributes::hash() const {
  std::size_t seed = entries_.size();
  for (const auto& [name, value] : entries_) {
    seed = hash_combine(seed, std::hash<std::string>()(name));
    seed = hash_combine(seed, std::visit(Hash(), value));
  }
  return seed;
}

bool operator==(const Attributes& a, const Attributes& b) {
  return std::equal(
      a.entries_.begin(), a.entries_.end(), b.entries_.begin(), b.entries_.end(),
      [](const auto& x, const auto& y) { return x.first == y.first && same(x.second, y.second); });
}

std::string Attributes::to_text() const {
  std::string text;
  for (const auto& [name, value] : entries_)
    text += (text.empty() ? "" : " ") + name + '=' + std::visit(Text(), value);
  return text;
}

}  // namespace r1::ml
