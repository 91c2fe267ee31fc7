// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/parse.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "ml/graph/op.hpp"
#include "ml/graph/verify.hpp"
#include "ml/ops/registry.hpp"

#include <fmt/format.h>

#include <bit>
#include <charconv>
#include <optional>
#include <system_error>
#include <utility>

namespace r1::ml {
namespace {

constexpr std::string_view kLetters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";

/// One line, read from the left.
class Line {
 public:
  Line(std::string_view text, int number) : text_(text), number_(number) {}

  [[noreturn]] void fault(const std::string& message) const {
    throw ConfigError(
        {Diagnostic{"graph", number_, static_cast<int>(at_) + 1, message, std::string()}});
  }
  [[noreturn]] void fault_expected(std::string_view what) const {
    const auto rest = text_.substr(at_);
    fault(fmt::format("expected {}, found {}", what,
                      rest.empty() ? "the end of the line" : '\'' + shortened(rest, 30) + '\''));
  }

  bool at_end() {
    skip_spaces();
    return at_ == text_.size();
  }
  bool next_is(char c) {
    skip_spaces();
    return at_ < text_.size() && text_[at_] == c;
  }
  bool take(char c) {
    if (!next_is(c)) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fault_expected(fmt::format("'{}'", c));
  }
  std::string_view word(std::string_view what) {
    skip_spaces();
    const auto end = std::min(text_.find_first_not_of(kLetters, at_), text_.size());
    if (end == at_) fault_expected(what);
    return text_.substr(std::exchange(at_, end), end - at_);
  }
  std::string_view rest() { return text_.substr(std::exchange(at_, text_.size())); }
  /// Up to the comment or the end, without spaces around.
  std::string_view before_comment() {
    const auto end = std::min(text_.find('#', at_), text_.size());
    return trim(text_.substr(std::exchange(at_, end), end - at_));
  }

  std::size_t index() {
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(begin(), this->end(), value);
    if (error != std::errc()) fault_expected("a number");
    at_ += static_cast<std::size_t>(end - begin());
    return value;
  }
  std::string quoted() {
    expect('"');
    std::string value;
    for (;;) {
      if (at_ == text_.size()) fault_expected("'\"' at the end of a text");
      const char c = text_[at_++];
      if (c == '"') return value;
      value += c == '\\' ? escaped() : c;
    }
  }

  Attribute attribute() {
    if (next_is('"')) return quoted();
    if (take('[')) return list();
    if (text_.substr(at_).starts_with("reals[]")) {
      at_ += 7;
      return Reals{};
    }
    const auto token = number_or_name();
    if (const auto dtype = dtype_named(token)) return *dtype;
    return number(token);
  }

 private:
  const char* begin() const { return text_.data() + at_; }
  const char* end() const { return text_.data() + text_.size(); }
  void skip_spaces() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }

  char escaped() {
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\\')) return text_[at_++];
    std::uint8_t code = 0;
    if (text_.size() - at_ < 3 || text_[at_] != 'x' ||
        std::from_chars(begin() + 1, begin() + 3, code, 16).ptr != begin() + 3)
      fault_expected("'\"', '\\' or x and two digits after '\\'");
    at_ += 3;
    return static_cast<char>(code);
  }

  std::string_view number_or_name() {
    skip_spaces();
    const auto stop = std::min(text_.find_first_of(" ,]}", at_), text_.size());
    if (stop == at_) fault_expected("a value");
    return text_.substr(std::exchange(at_, stop), stop - at_);
  }

  template <class T>
  static std::optional<T> converted(std::string_view token, auto... how) {
    T value{};
    const auto end = token.data() + token.size();
    const auto result = std::from_chars(token.data(), end, value, how...);
    return result.ec == std::errc() && result.ptr == end ? std::optional(value) : std::nullopt;
  }

  Attribute number(std::string_view token) {
    if (const auto whole = converted<std::int64_t>(token)) return *whole;
    if (token.starts_with("nan(") && token.ends_with(')')) {
      const auto bits = converted<std::uint64_t>(token.substr(4, token.size() - 5), 16);
      if (bits && std::bit_cast<double>(*bits) != std::bit_cast<double>(*bits))
        return std::bit_cast<double>(*bits);
    } else if (token.find_first_of(".eni") != std::string_view::npos) {
      if (const auto real = converted<double>(token)) return *real;
    }
    at_ -= token.size();
    fault_expected("an integer, a real, a text, an element type or a list");
  }

  Attribute list() {
    if (take(']')) return Integers{};
    Integers whole;
    Reals reals;
    do {
      const Attribute item = number(number_or_name());
      if (const auto* integer = std::get_if<std::int64_t>(&item)) whole.push_back(*integer);
      if (const auto* real = std::get_if<double>(&item)) reals.push_back(*real);
    } while (take(','));
    expect(']');
    if (!whole.empty() && !reals.empty()) fault("a list is of integers or of reals, not of both");
    return whole.empty() ? Attribute(std::move(reals)) : Attribute(std::move(whole));
  }

  std::string_view text_;
  int number_;
  std::size_t at_ = 0;
};

class Parser {
 public:
  explicit Parser(const OpRegistry& registry) : registry_(registry) {}

  Graph run(std::string_view text) {
    int number = 0;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      Line line(text.substr(0, end), ++number);
      text.remove_prefix(std::min(end + 1, text.size()));
      if (!line.at_end()) with_place(line, [&] { read(line); });
    }
    Line end("", number + 1);
    with_place(end, [&] { verify(graph_); });
    return std::move(graph_);
  }

 private:
  /// Errors of the graph become those of the text.
  template <class Work>
  static void with_place(const Line& line, const Work& work) {
    try {
      work();
    } catch (const ConfigError&) {
      throw;
    } catch (const Error& error) {
      line.fault(error.what());
    }
  }

  void read(Line& line) {
    if (line.next_is('%')) return read_node(line);
    const auto kind = line.word("a node, an input or an output");
    const auto name = line.quoted();
    line.expect('=');
    const Value value = read_value(line);
    if (!line.at_end()) line.fault_expected("the end of the line");
    if (kind == "output") return graph_.output(name, value);
    if (kind == "update") return graph_.update(name, value);
    for (const Role role : {Role::data, Role::parameter, Role::state})
      if (kind == name_of(role)) return read_input(line, name, value, role);
    line.fault(fmt::format("'{}' is no kind of input or output", shortened(kind)));
  }

  void read_input(const Line& line, const std::string& name, const Value& value, Role role) {
    if (graph_.input(name, value.type(), role) != value)
      line.fault(fmt::format("%{} is not the input '{}'", value.node->id, shortened(name)));
  }

  void read_node(Line& line) {
    line.expect('%');
    if (line.index() != nodes_.size())
      line.fault(fmt::format("nodes are numbered in their order: this is %{}", nodes_.size()));
    line.expect('=');
    const auto name = line.word("an operation");
    const Op* op = registry_.find(name);
    if (op == nullptr) line.fault(fmt::format("there is no operation '{}'", shortened(name)));
    Values operands;
    while (line.next_is('%')) operands.push_back(read_value(line));
    Attributes attributes;
    if (line.take('{')) read_attributes(line, attributes);
    line.expect(':');
    const auto types = line.before_comment();
    if (line.take('#')) graph_.store().set_place(unescaped(trim(line.rest())));
    const Node& node = graph_.store().intern(*op, std::move(attributes), operands);
    graph_.store().set_place("");
    if (types_text(node) != types)
      line.fault(fmt::format("'{}' makes {}, not {}", name, types_text(node), shortened(types)));
    nodes_.push_back(&node);
  }

  /// A place is a text without quotes.
  static std::string unescaped(std::string_view place) {
    const std::string quoted = fmt::format("\"{}\"", place);
    return Line(quoted, 0).quoted();
  }

  static void read_attributes(Line& line, Attributes& attributes) {
    while (!line.take('}')) {
      const std::string name(line.word("the name of an attribute, or '}'"));
      if (attributes.find(name) != nullptr) line.fault(fmt::format("'{}' is given twice", name));
      line.expect('=');
      attributes.set(name, line.attribute());
    }
  }

  Value read_value(Line& line) {
    line.expect('%');
    const auto node = line.index();
    const auto output = line.take('.') ? line.index() : 0;
    if (node >= nodes_.size()) line.fault(fmt::format("there is no node %{} before this", node));
    if (output >= nodes_[node]->results.size())
      line.fault(fmt::format("%{} has {} results", node, nodes_[node]->results.size()));
    return nodes_[node]->result(static_cast<std::int32_t>(output));
  }

  const OpRegistry& registry_;
  Graph graph_;
  std::vector<const Node*> nodes_;  // by their number in the text
};

}  // namespace

Graph parse_graph(std::string_view text, const OpRegistry& registry) {
  return Parser(registry).run(text);
}

}  // namespace r1::ml
