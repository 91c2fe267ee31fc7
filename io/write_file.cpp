// SPDX-License-Identifier: Apache-2.0
#include "io/write_file.hpp"

#include "io/descriptor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <span>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace r1::io {
namespace {

constexpr mode_t kMode = 0666;  // less the user's umask

/// Writes all bytes; 0, or errno of the call that failed.
int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return EIO;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return 0;
}

int sync_descriptor(int descriptor) {
  while (::fsync(descriptor) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

std::string writing(std::size_t bytes) { return fmt::format("write {} bytes to", bytes); }

}  // namespace

void throw_io_error(std::string_view doing, const std::filesystem::path& file, int error_number,
                    SourceLocation where) {
  throw IoError(
      fmt::format("cannot {} '{}': {}", doing, file.string(), std::strerror(error_number)), where);
}

void sync_folder(const std::filesystem::path& folder) {
  const std::filesystem::path name = folder.empty() ? "." : folder;
  const int descriptor = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_io_error("open the folder", name, errno);
  const int error = sync_descriptor(descriptor);
  ::close(descriptor);
  // Some network file systems cannot sync folders and say so with EINVAL.
  if (error != 0 && error != EINVAL) throw_io_error("sync the folder", name, error);
}

void write_file(const std::filesystem::path& file, std::string_view contents) {
  // One fixed name: what a killed process leaves is overwritten by the next, not added to.
  std::filesystem::path temporary = file;
  temporary.replace_filename(fmt::format(".{}.tmp", file.filename().string()));
  try {
    auto target = Descriptor::create(temporary);
    target.write(std::as_bytes(std::span(contents)), 0);
    target.sync();
    target.close();
  } catch (...) {
    ::unlink(temporary.c_str());
    throw;
  }
  if (::rename(temporary.c_str(), file.c_str()) != 0) {
    const int reason = errno;
    ::unlink(temporary.c_str());
    throw_io_error("replace", file, reason);
  }
  sync_folder(file.parent_path());
}

AppendFile::AppendFile(std::filesystem::path file, Open open) : file_(std::move(file)) {
  const int flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | (open == Open::replace ? O_TRUNC : 0);
  descriptor_ = ::open(file_.c_str(), flags, kMode);
  if (descriptor_ < 0) throw_io_error("open for writing", file_, errno);
  try {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw_io_error("examine", file_, errno);
    size_ = static_cast<std::uint64_t>(status.st_size);
    drop_partial_line();
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

AppendFile::AppendFile(AppendFile&& other) noexcept
    : file_(std::move(other.file_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_(other.size_) {}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendFile::write(std::string_view bytes) {
  const int error = write_all(descriptor_, bytes);
  if (error != 0) {
    // A full disk may have taken a part of the line; if it cannot be cut either, the next start does so.
    [[maybe_unused]] const int ignored = ::ftruncate(descriptor_, static_cast<off_t>(size_));
    throw_io_error(writing(bytes.size()), file_, error);
  }
  size_ += bytes.size();
}

void AppendFile::sync() {
  if (const int error = sync_descriptor(descriptor_); error != 0)
    throw_io_error("sync", file_, error);
}

void AppendFile::close() {
  sync();
  if (::close(std::exchange(descriptor_, -1)) != 0) throw_io_error("close", file_, errno);
}

void AppendFile::truncate(std::uint64_t bytes) {
  if (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0)
    throw_io_error(fmt::format("cut to {} bytes", bytes), file_, errno);
  size_ = bytes;
}

void AppendFile::drop_partial_line() {
  std::array<char, 4096> block;
  std::uint64_t end = size_;
  while (end > 0) {
    const std::uint64_t begin = end > block.size() ? end - block.size() : 0;
    const ssize_t got = ::pread(descriptor_, block.data(), end - begin, static_cast<off_t>(begin));
    if (got != static_cast<ssize_t>(end - begin))
      throw_io_error("read", file_, got < 0 ? errno : EIO);
    const std::string_view bytes(block.data(), static_cast<std::size_t>(got));
    const std::size_t newline = bytes.rfind('\n');
    end = newline == std::string_view::npos ? begin : begin + newline + 1;
    if (newline != std::string_view::npos) break;
  }
  if (end < size_) truncate(end);
}

}  // namespace r1::io
