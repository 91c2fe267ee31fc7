// Writing files so that no reader and no crash sees a torn one: small files by replacement (temporary file, fsync, rename, fsync
// of the folder), growing ones by whole appends. A failed system call is an IoError that names path, bytes and errno's text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace r1::io {

/// Throws IoError "cannot <doing> '<file>': <text of error_number>".
[[noreturn]] void throw_io_error(std::string_view doing, const std::filesystem::path& file,
                                 int error_number, SourceLocation where = SourceLocation::here());

/// Replaces `file` by `contents`: afterwards, also after a crash, it holds either the old or the new bytes.
void write_file(const std::filesystem::path& file, std::string_view contents);

/// Makes renames and new names in `folder` survive a power cut.
void sync_folder(const std::filesystem::path& folder);

/// A file that grows at its end. A write that fails is undone as far as the system allows.
class AppendFile {
 public:
  enum class Open {
    replace,  // starts empty
    extend,   // keeps what is there, without an incomplete last line
  };
  AppendFile(std::filesystem::path file, Open open);
  AppendFile(AppendFile&& other) noexcept;
  AppendFile& operator=(AppendFile&&) = delete;
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  ~AppendFile();

  /// Appends all of `bytes`, or none and throws.
  void write(std::string_view bytes);
  /// Returns when the disk has everything.
  void sync();
  /// sync(), then closes; reports what fails. Without it the destructor closes in silence. Nothing may follow.
  void close();
  /// Cuts the file back to its first `bytes`.
  void truncate(std::uint64_t bytes);
  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return file_; }

 private:
  void drop_partial_line();

  std::filesystem::path file_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace r1::io
