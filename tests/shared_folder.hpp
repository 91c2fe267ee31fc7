// A folder of its own for a test of several ranks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>

namespace r1::test {

/// Made by rank 0, which removes it when all ranks are done. Collective.
class SharedFolder {
 public:
  explicit SharedFolder(Communicator comm) : comm_(std::move(comm)) {
    std::string name = (std::filesystem::temp_directory_path() / "r1_shared_XXXXXX").string();
    if (comm_.rank() == 0 && ::mkdtemp(name.data()) == nullptr)
      throw std::runtime_error("mkdtemp failed");
    comm_.broadcast(name);
    path_ = name;
  }
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;
  ~SharedFolder() {
    comm_.barrier();
    if (comm_.rank() == 0) std::filesystem::remove_all(path_);
  }
  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  Communicator comm_;
  std::filesystem::path path_;
};

}  // namespace r1::test
