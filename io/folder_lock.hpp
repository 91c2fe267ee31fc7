// One job writes to a folder: the file `lock` in it carries a lock of the operating system that ends with the process, however it
// ends, and a line that says who holds it. Every rank holds one: ranks can survive their launcher and the rank that failed, and a
// job that finds some of them alive must not write beside them.
// Where the file system has no locks, the line alone is left, and it is said that nothing is guarded.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace r1::io {

class FolderLock {
 public:
  /// Waits up to `patience` for ranks of another job to end, then throws IoError that says who they are. Collective.
  FolderLock(const Communicator& comm, const std::filesystem::path& folder,
             std::chrono::seconds patience, const std::function<void(const std::string&)>& warn);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;
  ~FolderLock();

  /// Gives it up and reports a failure; the destructor does it in silence.
  void release();

  /// Whether a job holds the lock of `folder` now; false also where there is none.
  static bool is_held(const std::filesystem::path& folder);

  static constexpr const char* kFile = "lock";

 private:
  std::filesystem::path file_;
  int descriptor_ = -1;
};

}  // namespace r1::io
