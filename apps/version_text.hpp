// What --version prints: for people, and as JSON for programs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace r1::apps {

/// Version of the input language that r1md reads.
inline constexpr int kInputLanguage = 1;

std::string version_text(std::string_view program);
std::string version_json(std::string_view program);

}  // namespace r1::apps
