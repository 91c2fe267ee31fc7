// Byte r + 1 of the file is locked by rank r, byte 0 by rank 0 for as long as the job lives. A job that starts asks for all bytes
// at once, which it gets if no rank of another one is alive.
// SPDX-License-Identifier: Apache-2.0
#include "io/folder_lock.hpp"

#include "comm/agree.hpp"
#include "io/hdf5_output.hpp"
#include "io/write_file.hpp"

#include <fmt/format.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace r1::io {
namespace {

constexpr off_t kToTheEnd = 0;  // as fcntl has it

/// Sets or drops a lock of this open file; 0, or errno.
int set_lock(int descriptor, short kind, off_t first, off_t bytes) {
  struct flock wanted {};
  wanted.l_type = kind;
  wanted.l_whence = SEEK_SET;
  wanted.l_start = first;
  wanted.l_len = bytes;
  while (::fcntl(descriptor, F_OFD_SETLK, &wanted) != 0)
    if (errno != EINTR) return errno;
  return 0;
}

bool is_held(int error) { return error == EAGAIN || error == EACCES; }
bool has_no_locks(int error) {
  for (const int known : {ENOLCK, ENOSYS, EOPNOTSUPP, EINVAL})
    if (error == known) return true;
  return false;
}

std::string holder(int descriptor) {
  std::array<char, 512> text;
  const ssize_t got = ::pread(descriptor, text.data(), text.size(), 0);
  std::string line(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
  while (!line.empty() && line.back() == '\n') line.pop_back();
  return line.empty() ? "unknown" : line;
}

/// "host a, process 7, job 12, 3 ranks, since 2025-01-31T12:00:00Z"
std::string this_job(const Communicator& comm) {
  const char* job = std::getenv("SLURM_JOB_ID");
  return "host " + comm.host() + ", process " + std::to_string(::getpid()) +
         (job != nullptr ? std::string(", job ") + job : "") + ", " + std::to_string(comm.size()) +
         (comm.size() == 1 ? " rank" : " ranks") + ", since " + utc_now() + "\n";
}

int opened(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor < 0) throw_io_error("open", file, errno);
  return descriptor;
}

/// Rank 0 gets all bytes, writes who it is, and leaves those of the other ranks to them. False: the file system has no locks.
bool take(int descriptor, const std::filesystem::path& file, std::chrono::seconds patience,
          const std::string& who) {
  const auto end = std::chrono::steady_clock::now() + patience;
  int error = 0;
  while (is_held(error = set_lock(descriptor, F_WRLCK, 0, kToTheEnd))) {
    if (std::chrono::steady_clock::now() >= end)
      throw IoError("another job writes to '" + file.parent_path().string() + "': " +
                    holder(descriptor) + "; wait for it, end it, or choose another folder (-o)");
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  if (error != 0 && !has_no_locks(error)) throw_io_error("lock", file, error);
  if (::ftruncate(descriptor, 0) != 0) throw_io_error("empty", file, errno);
  if (::pwrite(descriptor, who.data(), who.size(), 0) < 0)
    throw_io_error(fmt::format("write {} bytes to", who.size()), file, errno);
  if (error != 0) return false;
  set_lock(descriptor, F_UNLCK, 2, kToTheEnd);
  return true;
}

}  // namespace

FolderLock::FolderLock(const Communicator& comm, const std::filesystem::path& folder,
                       std::chrono::seconds patience,
                       const std::function<void(const std::string&)>& warn) {
  file_ = folder / kFile;
  int guarded = 1;
  try {
    agree_on_root(comm, [&] {
      descriptor_ = opened(file_);
      guarded = take(descriptor_, file_, patience, this_job(comm)) ? 1 : 0;
    });
    comm.broadcast(std::span<int>(&guarded, 1));
    if (guarded == 0) {
      if (comm.rank() == 0)
        warn("the file system of '" + folder.string() +
             "' has no locks: nothing keeps a second job from writing there");
      return;
    }
    agree(comm, [&] {
      if (comm.rank() == 0) return;
      descriptor_ = opened(file_);
      if (const int error = set_lock(descriptor_, F_WRLCK, comm.rank() + 1, 1); error != 0)
        throw_io_error("lock", file_, error);
    });
  } catch (...) {
    if (descriptor_ >= 0) ::close(descriptor_);
    throw;
  }
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : file_(std::move(other.file_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

bool FolderLock::is_held(const std::filesystem::path& folder) {
  const int descriptor = ::open((folder / kFile).c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return false;
  struct flock wanted {};
  wanted.l_type = F_RDLCK;
  wanted.l_whence = SEEK_SET;
  const bool asked = ::fcntl(descriptor, F_OFD_GETLK, &wanted) == 0;
  ::close(descriptor);
  return asked && wanted.l_type != F_UNLCK;
}

void FolderLock::release() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (descriptor >= 0 && ::close(descriptor) != 0) throw_io_error("close", file_, errno);
}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace r1::io
