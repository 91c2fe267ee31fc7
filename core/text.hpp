// Small helpers for text that people write and read: trimming, UTF-8, nearest names for "did you mean", lists in messages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1 {

/// Without spaces, tabs and line ends at both sides.
std::string_view trim(std::string_view text);

/// Offset of the first byte that is not valid UTF-8 (overlong forms, surrogates and values above U+10FFFF are not), npos if
/// all is well.
std::size_t first_invalid_utf8(std::string_view text);

/// Number of code points of valid UTF-8.
std::size_t code_points(std::string_view text);

/// Damerau-Levenshtein distance (optimal string alignment): insertions, deletions, substitutions and swaps of neighbours.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that `name` was probably meant to be: the nearest within a third of its length, else one that it is a part of.
/// Case and '-' for '_' do not count. Ties: the first. None for names above 64 bytes, so that hostile ones cost nothing.
std::optional<std::string> nearest_name(std::string_view name,
                                        const std::vector<std::string>& candidates);

/// "a, b, c".
std::string joined(const std::vector<std::string>& parts, std::string_view separator = ", ");

/// At most `limit` code points, "..." in place of the rest; control characters become '?'. For quoting input in messages.
std::string shortened(std::string_view text, std::size_t limit = 60);

/// `text` with every `from` replaced by `to`. `from` is not empty.
std::string replaced(std::string_view text, std::string_view from, std::string_view to);

}  // namespace r1
