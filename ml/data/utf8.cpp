// SPDX-License-Identifier: Apache-2.0
#include "ml/data/utf8.hpp"

#include "core/error.hpp"
#include "core/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace r1::ml {
namespace {

int as_int(std::size_t value) {
  return static_cast<int>(std::min<std::size_t>(value, std::numeric_limits<int>::max()));
}

}  // namespace

void require_utf8(std::string_view text, const std::filesystem::path& file) {
  const auto at = first_invalid_utf8(text);
  if (at == std::string_view::npos) return;
  const auto before = text.substr(0, at);
  const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
  // rfind's npos + 1 is 0, the start of the text.
  const auto column = at - (before.rfind('\n') + 1) + 1;
  // No excerpt: bytes that are not UTF-8 have no place in a message.
  throw ConfigError({Diagnostic{
      file.string(), as_int(lines + 1), as_int(column),
      fmt::format("found the byte 0x{:02X}, which is not UTF-8, expected text in UTF-8; "
                  "convert the file, e.g. with 'iconv -f latin1 -t utf-8'",
                  static_cast<unsigned>(static_cast<unsigned char>(text[at]))),
      ""}});
}

void append_utf8(std::string& text, char32_t code_point) {
  const auto put = [&text](char32_t byte) { text += static_cast<char>(byte); };
  const auto continuation = [&](int shift) { put(0x80U | (code_point >> shift & 0x3FU)); };
  if (code_point < 0x80) {
    put(code_point);
  } else if (code_point < 0x800) {
    put(0xC0U | code_point >> 6);
    continuation(0);
  } else if (code_point < 0x10000) {
    put(0xE0U | code_point >> 12);
    continuation(6);
    continuation(0);
  } else {
    put(0xF0U | code_point >> 18);
    continuation(12);
    continuation(6);
    continuation(0);
  }
}

}  // namespace r1::ml
