// An open file of the system, read and written at places. Every failure is an IoError that names path, bytes and errno's text.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace r1::io {

class Descriptor {
 public:
  static Descriptor open_to_read(const std::filesystem::path& file);
  static Descriptor open_to_write(const std::filesystem::path& file);
  /// Empties an existing file; a link is not followed.
  static Descriptor create(const std::filesystem::path& file);
  /// A new file in memory (/dev/shm), else in the folder for temporary files. Call remove_name() once all have opened it by path().
  static Descriptor create_scratch();
  void remove_name();

  Descriptor(Descriptor&& other) noexcept;
  Descriptor& operator=(Descriptor&&) = delete;
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t size() const;
  /// Fills `bytes` from `offset` on; IoError where the file ends before.
  void read(std::span<std::byte> bytes, std::uint64_t offset) const;
  void write(std::span<const std::byte> bytes, std::uint64_t offset);
  void resize(std::uint64_t bytes);
  /// Returns when the disk has everything.
  void sync();
  /// Closes and reports a failure; the destructor closes in silence.
  void close();

 private:
  Descriptor(std::filesystem::path path, int descriptor)
      : path_(std::move(path)), descriptor_(descriptor) {}
  std::filesystem::path path_;
  int descriptor_;
};

}  // namespace r1::io
