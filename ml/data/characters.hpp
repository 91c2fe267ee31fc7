// Text as a sequence of characters, for models that write text: each code point of a UTF-8 file (plain or gzip) is a token, its
// index among the file's distinct code points in ascending order. Nothing is left out: a byte order mark and carriage returns
// are characters, too.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace r1::ml {

struct CharacterText {
  std::vector<std::int32_t> tokens;  // (characters), each an index into vocabulary
  std::vector<char32_t> vocabulary;  // ascending
};

/// Throws ConfigError about `file` where it is empty, longer than 2 GiB or not UTF-8, IoError where a read fails.
CharacterText read_characters(const std::filesystem::path& file);
/// The same of the contents of a file; `file` is for messages.
CharacterText parse_characters(std::string_view text, const std::filesystem::path& file);

/// The text that `tokens`, indices into the vocabulary of `text`, stand for.
std::string to_utf8(const CharacterText& text, std::span<const std::int32_t> tokens);

}  // namespace r1::ml
