// SPDX-License-Identifier: Apache-2.0
#include "io/checkpoint_store.hpp"

#include "comm/agree.hpp"
#include "io/write_file.hpp"

#include <cerrno>
#include <cstdio>
#include <unistd.h>

namespace r1::io {
namespace {

/// rename(2); false where `from` does not exist.
bool renamed(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return true;
  if (errno == ENOENT) return false;
  throw_io_error("rename to '" + to.filename().string() + "'", from, errno);
}

/// Also where it cannot be looked at: opening it will tell.
bool is_there(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::exists(file, error) || error;
}

}  // namespace

bool CheckpointStore::any() const { return is_there(present()) || is_there(previous()); }

void CheckpointStore::save(const CheckpointWriter& writer, const Provenance& provenance) const {
  writer.write(temporary(), provenance);
  agree_on_root(writer.comm(), [&] {
    const bool kept = renamed(present(), previous());
    try {
      if (!renamed(temporary(), present()))
        throw IoError("'" + temporary().string() + "' has vanished while it was written");
    } catch (...) {
      if (kept) ::rename(previous().c_str(), present().c_str());
      ::unlink(temporary().c_str());
      throw;
    }
    sync_folder(folder_);
  });
}

std::optional<CheckpointReader> CheckpointStore::newest(
    const Communicator& comm, const std::function<void(const std::string&)>& warn) const {
  std::string faults;
  for (const auto& file : {present(), previous()}) {
    int there = comm.rank() == 0 && is_there(file) ? 1 : 0;
    comm.broadcast(std::span<int>(&there, 1));
    if (there == 0) continue;
    std::string fault;
    try {
      return CheckpointReader(comm, file);
    } catch (const CheckpointError& error) {
      fault = error.what();
    } catch (const IoError& error) {
      fault = error.what();
    }
    if (comm.rank() == 0) warn(fault);
    faults += (faults.empty() ? "" : "; ") + fault;
  }
  if (faults.empty()) return std::nullopt;
  throw CheckpointError("no checkpoint can be used: " + faults);
}

void CheckpointStore::remove() const {
  for (const auto& file : {temporary(), present(), previous()})
    if (::unlink(file.c_str()) != 0 && errno != ENOENT) throw_io_error("remove", file, errno);
}

}  // namespace r1::io
