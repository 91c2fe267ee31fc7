// SPDX-License-Identifier: Apache-2.0
#include "ml/data/characters.hpp"

#include "core/error.hpp"
#include "core/text.hpp"
#include "io/text_file.hpp"
#include "ml/data/utf8.hpp"

namespace r1::ml {
namespace {

/// Tokens take four bytes a character: a small hostile .gz must not ask for tens of GiB.
constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 31;

/// A value for each code point up to the largest that occurs. Most texts have small ones: a table for all code points would take
/// longer to clear than a short text to read.
using CodePointTable = std::vector<std::int32_t>;

/// 1 for the code points that occur in `text`, which is UTF-8.
CodePointTable occurrences(std::string_view text) {
  CodePointTable found;
  for (std::size_t at = 0; at < text.size();) {
    const auto code_point = next_code_point(text, at);
    if (code_point >= found.size()) found.resize(code_point + std::size_t{1});
    found[code_point] = 1;
  }
  return found;
}

}  // namespace

CharacterText parse_characters(std::string_view text, const std::filesystem::path& file) {
  if (text.empty())
    throw ConfigError({Diagnostic{file.string(), 0, 0, "is empty, expected text in UTF-8", ""}});
  require_utf8(text, file);
  CharacterText result;
  auto token_of = occurrences(text);
  for (std::size_t code_point = 0; code_point < token_of.size(); ++code_point) {
    if (token_of[code_point] == 0) continue;
    token_of[code_point] = static_cast<std::int32_t>(result.vocabulary.size());
    result.vocabulary.push_back(static_cast<char32_t>(code_point));
  }
  result.tokens.reserve(code_points(text));
  for (std::size_t at = 0; at < text.size();)
    result.tokens.push_back(token_of[next_code_point(text, at)]);
  return result;
}

CharacterText read_characters(const std::filesystem::path& file) {
  return parse_characters(io::read_text_file(file, kMaxBytes), file);
}

std::string to_utf8(const CharacterText& text, std::span<const std::int32_t> tokens) {
  std::string result;
  result.reserve(tokens.size());
  for (const auto token : tokens) {
    R1_ASSERT(token >= 0 && static_cast<std::size_t>(token) < text.vocabulary.size());
    append_utf8(result, text.vocabulary[static_cast<std::size_t>(token)]);
  }
  return result;
}

}  // namespace r1::ml
