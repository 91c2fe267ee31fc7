// UTF-8 of text files: the check of a whole text, with the place of its first fault, and single code points.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

namespace r1::ml {

/// Throws ConfigError with line and column of the first byte of `text` that is not UTF-8.
void require_utf8(std::string_view text, const std::filesystem::path& file);

/// The code point at `at`, which moves behind it. `text` is valid UTF-8, `at` the start of a code point. Inline, as texts have 10^9.
inline char32_t next_code_point(std::string_view text, std::size_t& at) {
  const auto lead = static_cast<unsigned char>(text[at++]);
  if (lead < 0x80) return lead;
  const int more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
  char32_t code_point = lead & (0x3FU >> more);
  for (int k = 0; k < more; ++k)
    code_point = code_point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3FU);
  return code_point;
}

/// `code_point` is at most U+10FFFF.
void append_utf8(std::string& text, char32_t code_point);

}  // namespace r1::ml
