// SPDX-License-Identifier: Apache-2.0
#include "io/descriptor.hpp"

#include "io/write_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace r1::io {
namespace {

constexpr mode_t kMode = 0666;  // less the user's umask

int opened(const std::filesystem::path& file, int flags, const char* doing) {
  const int descriptor = ::open(file.c_str(), flags | O_CLOEXEC, kMode);
  if (descriptor < 0) throw_io_error(doing, file, errno);
  return descriptor;
}

}  // namespace

Descriptor Descriptor::open_to_read(const std::filesystem::path& file) {
  // O_NONBLOCK: a pipe that nobody writes must fail when it is read, not wait for ever.
  return {file, opened(file, O_RDONLY | O_NONBLOCK, "open")};
}

Descriptor Descriptor::open_to_write(const std::filesystem::path& file) {
  return {file, opened(file, O_WRONLY | O_NOFOLLOW, "open for writing")};
}

Descriptor Descriptor::create(const std::filesystem::path& file) {
  return {file, opened(file, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW, "create")};
}

Descriptor Descriptor::create_scratch() {
  std::string name;
  for (const std::filesystem::path& folder :
       {std::filesystem::path("/dev/shm"), std::filesystem::temp_directory_path()}) {
    name = (folder / "r1-XXXXXX").string();
    const int descriptor = ::mkostemp(name.data(), O_CLOEXEC);
    if (descriptor >= 0) return {name, descriptor};
  }
  throw_io_error("create", name, errno);
}

void Descriptor::remove_name() {
  if (::unlink(path_.c_str()) != 0) throw_io_error("remove", path_, errno);
}

Descriptor::Descriptor(Descriptor&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

Descriptor::~Descriptor() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

std::uint64_t Descriptor::size() const {
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw_io_error("examine", path_, errno);
  return static_cast<std::uint64_t>(status.st_size);
}

void Descriptor::read(std::span<std::byte> bytes, std::uint64_t offset) const {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t got = ::pread(descriptor_, bytes.data() + done, bytes.size() - done,
                                static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) throw_io_error(fmt::format("read {} bytes of", bytes.size()), path_, errno);
    if (got == 0)
      throw IoError(fmt::format("cannot read '{}': it ends at byte {}, expected {} more",
                                path_.string(), offset + done, bytes.size() - done));
    done += static_cast<std::size_t>(got);
  }
}

void Descriptor::write(std::span<const std::byte> bytes, std::uint64_t offset) {
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t written = ::pwrite(descriptor_, bytes.data() + done, bytes.size() - done,
                                     static_cast<off_t>(offset + done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0)
      throw_io_error(fmt::format("write {} bytes to", bytes.size()), path_,
                     written < 0 ? errno : EIO);
    done += static_cast<std::size_t>(written);
  }
}

void Descriptor::resize(std::uint64_t bytes) {
  while (::ftruncate(descriptor_, static_cast<off_t>(bytes)) != 0)
    if (errno != EINTR) throw_io_error(fmt::format("resize to {} bytes", bytes), path_, errno);
}

void Descriptor::sync() {
  while (::fsync(descriptor_) != 0)
    if (errno != EINTR) throw_io_error("sync", path_, errno);
}

void Descriptor::close() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0 && ::close(descriptor) != 0) throw_io_error("close", path_, errno);
}

}  // namespace r1::io
