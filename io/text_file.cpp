// SPDX-License-Identifier: Apache-2.0
#include "io/text_file.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <new>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace r1::io {
namespace {

constexpr std::uint64_t kChunkBytes = std::uint64_t{1} << 24;
constexpr std::uint64_t kFirstBytes = std::uint64_t{1} << 16;

[[noreturn]] void refuse(const std::filesystem::path& file, std::string message) {
  throw ConfigError({Diagnostic{file.string(), 0, 0, std::move(message), ""}});
}

/// Errors of open() that a change of the path or of its permissions mends; others are the system's.
bool is_users_fault(int error_number) {
  for (const int mendable : {ENOENT, EACCES, EPERM, EISDIR, ENOTDIR, ELOOP, ENAMETOOLONG})
    if (error_number == mendable) return true;
  return false;
}

/// A gzip or plain file open for reading.
class Source {
 public:
  explicit Source(const std::filesystem::path& file) : file_(file) {
    // O_NONBLOCK: opening a pipe that nobody writes must fail below, not wait for ever.
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) fail_to_open(errno);
    struct stat status {};
    const bool known = ::fstat(descriptor, &status) == 0;
    if (known && S_ISREG(status.st_mode)) stream_ = ::gzdopen(descriptor, "rb");
    if (stream_ == nullptr) {
      ::close(descriptor);
      if (known && !S_ISREG(status.st_mode))
        refuse(file, "is no regular file, expected a text file, plain or gzip");
      throw IoError(fmt::format("cannot read '{}': out of memory or file status", file.string()));
    }
    disk_bytes_ = static_cast<std::uint64_t>(status.st_size);
    ::gzbuffer(stream_, 1U << 18);
  }
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() { ::gzclose_r(stream_); }

  std::uint64_t disk_bytes() const { return disk_bytes_; }

  /// Up to `bytes` into `target`; fewer only at the end of the file.
  std::uint64_t read(char* target, std::uint64_t bytes) {
    std::uint64_t done = 0;
    while (done < bytes) {
      const auto wanted = static_cast<unsigned>(std::min(bytes - done, kChunkBytes));
      errno = 0;
      const int got = ::gzread(stream_, target + done, wanted);
      if (got <= 0) {
        check(got, errno);
        break;
      }
      done += static_cast<std::uint64_t>(got);
    }
    return done;
  }

 private:
  [[noreturn]] void fail_to_open(int error_number) const {
    const std::string reason = std::strerror(error_number);
    if (is_users_fault(error_number))
      refuse(file_, "cannot open the file: " + reason + "; expected a readable file");
    throw IoError(fmt::format("cannot open '{}': {}", file_.string(), reason));
  }

  /// zlib reports a stream that ends early only beside a read of no bytes.
  void check(int got, int error_number) const {
    int code = Z_OK;
    const char* text = ::gzerror(stream_, &code);
    if (got == 0 && code != Z_BUF_ERROR) return;
    if (code == Z_ERRNO)
      throw IoError(
          fmt::format("cannot read '{}': {}", file_.string(), std::strerror(error_number)));
    if (code == Z_MEM_ERROR) throw std::bad_alloc();
    refuse(file_, fmt::format("damaged or truncated gzip data ({}); copy the file again",
                              code == Z_BUF_ERROR ? "unexpected end of file" : text));
  }

  std::filesystem::path file_;
  gzFile stream_ = nullptr;
  std::uint64_t disk_bytes_ = 0;
};

}  // namespace

TextHead read_text_head(const std::filesystem::path& file, std::uint64_t bytes) {
  Source source(file);
  TextHead head;
  try {
    // One byte more than asked for tells whether the file goes on.
    std::uint64_t capacity = std::min(std::max(source.disk_bytes(), kFirstBytes), bytes) + 1;
    for (std::uint64_t used = 0; !head.complete; capacity = std::min(2 * capacity, bytes + 1)) {
      head.text.resize(capacity);
      used += source.read(head.text.data() + used, capacity - used);
      head.complete = used < capacity;
      head.text.resize(std::min(used, bytes));
      if (used > bytes) break;
    }
  } catch (const std::bad_alloc&) {
    throw IoError(fmt::format("cannot read '{}': not enough memory for its text", file.string()));
  } catch (const std::length_error&) {
    throw IoError(fmt::format("cannot read '{}': not enough memory for its text", file.string()));
  }
  return head;
}

std::string read_text_file(const std::filesystem::path& file, std::uint64_t max_bytes) {
  TextHead head = read_text_head(file, max_bytes);
  if (!head.complete)
    refuse(file, fmt::format("the text is longer than {} bytes, the most that is accepted here",
                             max_bytes));
  return std::move(head.text);
}

}  // namespace r1::io
