// Text files as one buffer: plain or gzip (told apart by content, not by suffix), with a limit on the size after decompression,
// so that a small hostile .gz cannot fill the memory. What the user can mend (missing, unreadable, too large or damaged file) is
// a ConfigError; a read that the system fails is an IoError.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace r1::io {

/// Largest text accepted by default: about 60 million atoms of LAMMPS data.
inline constexpr std::uint64_t kMaxTextBytes = std::uint64_t{8} << 30;

/// The whole text of `file`.
std::string read_text_file(const std::filesystem::path& file,
                           std::uint64_t max_bytes = kMaxTextBytes);

/// The start of a text.
struct TextHead {
  std::string text;       // at most the bytes asked for
  bool complete = false;  // the file has no more than `text`
};

/// The first `bytes` of `file`, without reading the rest: enough for the headers of large files.
TextHead read_text_head(const std::filesystem::path& file, std::uint64_t bytes);

}  // namespace r1::io
