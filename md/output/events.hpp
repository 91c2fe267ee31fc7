// run.jsonl: what happened in a run and when, a JSON object a line (io/json_lines.hpp). Rank 0 writes; elsewhere every call does
// nothing. Events: start, restart, stage_begin, progress, checkpoint,
// warning, stage_end, timings, end. No Kokkos here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/json_lines.hpp"

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::md {

/// What a run starts with.
struct RunStart {
  std::string program;  // "r1md"
  std::string input;    // path as given
  std::int64_t atoms = 0;
  int ranks = 1;
  int threads = 1;  // of one rank
  std::string device;
};

/// Time spent in one region of the profile.
struct Phase {
  std::string name;    // "force", "output/gather"
  double seconds = 0;  // without the regions inside
  double share = 0;    // of the wall time
};

/// Where a run is; what it did since the event before.
struct Progress {
  std::int64_t step = 0;
  double time = 0;  // [time]
  double atom_steps_per_second = 0;
  std::int64_t list_rebuilds = 0;  // of the neighbour list, since the program started
  double steps_per_rebuild = 0;    // infinite without one
};

class EventLog {
 public:
  EventLog() = default;  // silent
  EventLog(std::filesystem::path file, io::AppendFile::Open open,
           std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now())
      : file_(std::in_place, std::move(file), open, start) {}

  void start(const RunStart& run);
  /// index: from 0; steps: 0 where the number is not known beforehand; first_step: behind which the stage begins.
  void stage_begin(int index, std::string_view kind, std::int64_t steps,
                   std::int64_t first_step = 0);
  void stage_end(int index, std::string_view kind, std::int64_t steps, double seconds);
  void restart(std::int64_t step, std::string_view checkpoint);
  void checkpoint(std::int64_t step, double seconds);
  void progress(const Progress& progress);
  void warning(std::string_view message);
  void timings(const std::vector<Phase>& phases);
  /// The last event: closes the file.
  void end(int exit_code, std::string_view message);
  void sync();

 private:
  std::optional<io::JsonLines> file_;
};

}  // namespace r1::md
