// SPDX-License-Identifier: Apache-2.0
#include "io/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <utility>

namespace r1::io {
namespace {

constexpr std::size_t kQuotedBytes = 40;
constexpr std::size_t kExcerptBytes = 100;

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\v' || c == '\f'; }

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

/// Removes a '+' that a digit or a point follows: from_chars accepts none.
std::string_view without_plus(std::string_view text) {
  if (text.size() > 1 && text[0] == '+' && text[1] != '-' && text[1] != '+') text.remove_prefix(1);
  return text;
}

/// Numbers too small for a normal double count as what they round to; numbers too large are none.
std::optional<double> out_of_range(std::string_view text) {
  const double value = std::strtod(std::string(text).c_str(), nullptr);
  if (std::abs(value) < 1.0) return value;
  return std::nullopt;
}

std::string printable(std::string_view text) {
  std::string shown(text);
  for (char& c : shown) {
    const auto code = static_cast<unsigned char>(c);
    if (code < 0x20 || code == 0x7f) c = c == '\t' ? ' ' : '?';
  }
  return shown;
}

/// The line around `where` and a caret below it, or nothing where the token is not in `text`.
std::string excerpt(std::string_view text, std::string_view where) {
  const char* begin = text.data();
  if (where.data() < begin || where.data() > begin + text.size()) return "";
  const auto offset = static_cast<std::size_t>(where.data() - begin);
  const std::size_t before = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  std::size_t first = before == std::string_view::npos ? 0 : before + 1;
  const std::size_t last = std::min(text.find('\n', offset), text.size());
  if (offset - first > kExcerptBytes / 2) first = offset - kExcerptBytes / 2;
  const std::string_view shown = text.substr(first, std::min(last - first, kExcerptBytes));
  if (trimmed(shown).empty()) return "";
  return fmt::format("  {}\n  {:>{}}", printable(shown), '^', offset - first + 1);
}

int as_int(std::int64_t value) {
  return static_cast<int>(std::min<std::int64_t>(value, std::numeric_limits<int>::max()));
}

}  // namespace

std::optional<double> parse_real(std::string_view text) {
  const std::string_view digits = without_plus(text);
  const char* end = digits.data() + digits.size();
  double value = 0.0;
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (stop != end && stop != digits.data() && (*stop == 'd' || *stop == 'D')) {
    std::string with_e(digits);
    with_e[static_cast<std::size_t>(stop - digits.data())] = 'e';
    return parse_real(with_e);
  }
  if (stop != end || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range) return out_of_range(digits);
  if (!std::isfinite(value)) return std::nullopt;
  return value;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  const std::string_view digits = without_plus(text);
  const char* end = digits.data() + digits.size();
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(digits.data(), end, value);
  if (stop != end || error != std::errc()) return std::nullopt;
  return value;
}

std::string in_quotes(std::string_view text) {
  if (text.size() <= kQuotedBytes) return fmt::format("'{}'", printable(text));
  return fmt::format("'{}...'", printable(text.substr(0, kQuotedBytes)));
}

bool Scanner::next_line() {
  if (next_begin_ >= text_.size()) return false;
  line_begin_ = position_ = next_begin_;
  const std::size_t found = text_.find('\n', line_begin_);
  line_end_ = std::min(found, text_.size());
  next_begin_ = found == std::string_view::npos ? text_.size() : found + 1;
  content_end_ = line_end_;
  if (comment_ != '\0') {
    const std::size_t mark = text_.substr(line_begin_, line_end_ - line_begin_).find(comment_);
    if (mark != std::string_view::npos) content_end_ = line_begin_ + mark;
  }
  ++line_number_;
  return true;
}

bool Scanner::next(Token& token) {
  while (position_ < content_end_ && is_space(text_[position_])) ++position_;
  if (position_ == content_end_) return false;
  const std::size_t begin = position_;
  while (position_ < content_end_ && !is_space(text_[position_])) ++position_;
  token.text = text_.substr(begin, position_ - begin);
  token.line = line_number_;
  token.column = static_cast<std::int64_t>(begin - line_begin_) + 1;
  return true;
}

bool Scanner::next_anywhere(Token& token) {
  while (!next(token))
    if (!next_line()) return false;
  return true;
}

std::string_view Scanner::line() const {
  std::string_view text = text_.substr(line_begin_, line_end_ - line_begin_);
  if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
  return text;
}

std::string_view Scanner::content() const {
  return trimmed(text_.substr(line_begin_, content_end_ - line_begin_));
}

std::string_view Scanner::comment() const {
  if (content_end_ == line_end_) return {};
  return trimmed(text_.substr(content_end_ + 1, line_end_ - content_end_ - 1));
}

Token Scanner::whole_line() const {
  const std::string_view words = content();
  const auto offset = words.data() - (text_.data() + line_begin_);
  return {words, line_number_, static_cast<std::int64_t>(offset) + 1};
}

Token Scanner::end_of_line() const {
  std::size_t end = content_end_;
  while (end > line_begin_ && is_space(text_[end - 1])) --end;
  return {text_.substr(end, 0), line_number_, static_cast<std::int64_t>(end - line_begin_) + 1};
}

void Faults::add(const Token& where, std::string message) {
  push({file_, as_int(where.line), as_int(where.column), std::move(message),
        excerpt(text_, where.text)});
}

void Faults::add_file(std::string message) { push({file_, 0, 0, std::move(message), ""}); }

void Faults::push(Diagnostic fault) {
  list_.push_back(std::move(fault));
  if (list_.size() == kMax) check();
}

void Faults::check() {
  if (list_.empty()) return;
  // Faults of the whole file have line 0 and come last.
  std::stable_sort(list_.begin(), list_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.line == 0, a.line) < std::pair(b.line == 0, b.line);
  });
  if (list_.size() == kMax)
    list_.push_back({file_, 0, 0, fmt::format("stopped after {} errors", kMax), ""});
  throw ConfigError(std::exchange(list_, {}));
}

bool LineFields::word(std::string_view what, Token& token) {
  if (!good_) return false;
  if (!peeked_ && !scanner_.next(last_)) {
    last_ = scanner_.end_of_line();
    return fail(fmt::format("the line ends, expected {}", what));
  }
  peeked_ = false;
  token = last_;
  return true;
}

bool LineFields::real(std::string_view what, double& value) {
  Token token;
  if (!word(what, token)) return false;
  const auto number = parse_real(token.text);
  if (!number)
    return fail(fmt::format("found {}, expected {}: a finite number", in_quotes(token.text), what));
  value = *number;
  return true;
}

bool LineFields::reals(std::string_view what, double* values, int count) {
  for (int i = 0; i < count; ++i)
    if (!real(what, values[i])) return false;
  return true;
}

bool LineFields::integer(std::string_view what, std::int64_t low, std::int64_t high,
                         std::int64_t& value) {
  Token token;
  if (!word(what, token)) return false;
  const auto number = parse_integer(token.text);
  if (!number || *number < low || *number > high)
    return fail(fmt::format("found {}, expected {}: an integer from {} to {}",
                            in_quotes(token.text), what, low, high));
  value = *number;
  return true;
}

bool LineFields::more() {
  if (!good_) return false;
  if (!peeked_) peeked_ = scanner_.next(last_);
  return peeked_;
}

bool LineFields::end(std::string_view after) {
  if (!good_) return false;
  if (!more()) return true;
  return fail(
      fmt::format("found {}, expected the end of the line after {}", in_quotes(last_.text), after));
}

bool LineFields::fail(std::string message) {
  if (good_) faults_.add(last_, std::move(message));
  good_ = false;
  return false;
}

}  // namespace r1::io
