// Signs of life outside of MPI: a file with a slot for each rank, in which it writes where it stands. A rank that waits in MPI
// for one that will never come cannot tell anybody; a thread of its own and a file can.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace r1::io {

/// What a rank says of itself.
struct Beat {
  std::uint64_t count = 0;  // one more each time: does its process live?
  double quiet = 0;         // seconds since its work last moved
  std::int64_t step = 0;
  std::string place;  // what it is doing: "force"
  std::string host;
  std::int64_t process = 0;
  std::int64_t time = 0;  // of its clock [s since 1970]
  bool reported = false;  // it has said that the run stands still, and ends it
};

/// Slots are pages, so that no two nodes write to one page of a shared file system. A slot is a line of JSON, for people.
class HeartbeatFile {
 public:
  static constexpr const char* kFile = ".heartbeat";

  explicit HeartbeatFile(const std::filesystem::path& folder) : file_(folder / kFile) {}

  /// Empties it, for `ranks` slots. Every function opens the file anew: other nodes see what was closed. Failures are IoError.
  void create(int ranks) const;
  void write(int rank, const Beat& beat) const;
  /// By rank; nothing where a slot is empty or cannot be read. At most `kMostRanks`.
  std::vector<std::optional<Beat>> read() const;
  /// In silence.
  void remove() const;

  static constexpr int kMostRanks = 1 << 20;

 private:
  std::filesystem::path file_;
};

}  // namespace r1::io
