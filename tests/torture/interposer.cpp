// Makes one system call fail: LD_PRELOAD it into a program whose writing is to be tested. Calls that write below a folder are counted
// (open for writing, write, truncation, fsync, rename, close of what was opened for writing); the n-th fails once.
//   R1_FAULT_FOLDER  the folder (absolute)
//   R1_FAULT_AT      which call fails, from 1; 0: none
//   R1_FAULT_ERRNO   with which number
//   R1_FAULT_LOG     each counted call appends a line "number kind path" here
// A failing write of several bytes first writes half of them: what a full disk does.
// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <string>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

template <class F>
F* next(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

std::atomic<long> calls{0};

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

bool is_below(const std::string& path) {
  static const std::string folder = setting("R1_FAULT_FOLDER");
  return !folder.empty() && path.compare(0, folder.size(), folder) == 0;
}

std::string absolute(const char* path) {
  if (path[0] == '/') return path;
  char here[4096];
  return std::string(::getcwd(here, sizeof here) != nullptr ? here : "") + '/' + path;
}

std::string path_of(int descriptor) {
  char name[64], target[4096];
  std::snprintf(name, sizeof name, "/proc/self/fd/%d", descriptor);
  const ssize_t length = ::readlink(name, target, sizeof target);
  return std::string(target, length > 0 ? static_cast<std::size_t>(length) : 0);
}

void log_call(long number, const char* kind, const std::string& path) {
  static const std::string file = setting("R1_FAULT_LOG");
  if (file.empty()) return;
  static auto* const real_open = next<int(const char*, int, ...)>("open");
  static auto* const real_write = next<ssize_t(int, const void*, size_t)>("write");
  static auto* const real_close = next<int(int)>("close");
  const int descriptor = real_open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string line = std::to_string(number) + ' ' + kind + ' ' + path + '\n';
  if (real_write(descriptor, line.data(), line.size()) < 0) std::abort();
  real_close(descriptor);
}

/// Counts a call on `path`; true if this is the one that fails, errno being set.
bool fails(const char* kind, const std::string& path) {
  if (!is_below(path)) return false;
  static const long at = std::atol(setting("R1_FAULT_AT").c_str());
  static const int number = std::atoi(setting("R1_FAULT_ERRNO").c_str());
  const long call = ++calls;
  log_call(call, kind, path);
  if (call != at) return false;
  errno = number;
  return true;
}

bool is_for_writing(int flags) { return (flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0; }

mode_t mode_of(int flags, va_list arguments) {
  return (flags & O_CREAT) != 0 ? static_cast<mode_t>(va_arg(arguments, int)) : 0;
}

}  // namespace

extern "C" {

int open(const char* path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  const mode_t mode = mode_of(flags, arguments);
  va_end(arguments);
  static auto* const real = next<int(const char*, int, ...)>("open");
  if (is_for_writing(flags) && fails("open", absolute(path))) return -1;
  return real(path, flags, mode);
}
// The same call where files are 64-bit by default.
int open64(const char* path, int flags, ...) __attribute__((alias("open")));
ssize_t write(int descriptor, const void* bytes, size_t count) {
  static auto* const real = next<ssize_t(int, const void*, size_t)>("write");
  if (fails("write", path_of(descriptor))) {
    const int number = errno;
    if (count > 1 && real(descriptor, bytes, count / 2) < 0) return -1;
    errno = number;
    return -1;
  }
  return real(descriptor, bytes, count);
}
ssize_t pwrite(int descriptor, const void* bytes, size_t count, off_t offset) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  if (fails("write", path_of(descriptor))) {
    const int number = errno;
    if (count > 1 && real(descriptor, bytes, count / 2, offset) < 0) return -1;
    errno = number;
    return -1;
  }
  return real(descriptor, bytes, count, offset);
}
ssize_t pwrite64(int descriptor, const void* bytes, size_t count, off_t offset) {
  return pwrite(descriptor, bytes, count, offset);
}
ssize_t writev(int descriptor, const iovec* parts, int count) {
  static auto* const real = next<ssize_t(int, const iovec*, int)>("writev");
  if (fails("write", path_of(descriptor))) return -1;
  return real(descriptor, parts, count);
}
int ftruncate(int descriptor, off_t bytes) {
  static auto* const real = next<int(int, off_t)>("ftruncate");
  if (fails("truncate", path_of(descriptor))) return -1;
  return real(descriptor, bytes);
}
int ftruncate64(int descriptor, off_t bytes) { return ftruncate(descriptor, bytes); }
int fsync(int descriptor) {
  static auto* const real = next<int(int)>("fsync");
  if (fails("fsync", path_of(descriptor))) return -1;
  return real(descriptor);
}
int rename(const char* from, const char* to) {
  static auto* const real = next<int(const char*, const char*)>("rename");
  if (fails("rename", absolute(from))) return -1;
  return real(from, to);
}
int close(int descriptor) {
  static auto* const real = next<int(int)>("close");
  const int flags = ::fcntl(descriptor, F_GETFL);
  // The descriptor is gone also when close() reports a failure.
  if (flags >= 0 && (flags & O_ACCMODE) != O_RDONLY && fails("close", path_of(descriptor))) {
    const int number = errno;
    real(descriptor);
    errno = number;
    return -1;
  }
  return real(descriptor);
}

}  // extern "C"
