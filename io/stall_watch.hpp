// Ends a job that makes no progress and says which rank stands where. A thread on every rank looks whether the work of its rank
// still moves, and leaves signs of life in a file (io/heartbeat.hpp); it never calls MPI. When nothing has moved for too long on any
// rank whose process lives, the lowest of these reports. A job that is suspended as a whole and goes on later has lost no time:
// the thread counts the time in which it ran itself.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "core/profile.hpp"
#include "io/heartbeat.hpp"

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace r1::io {

struct StallLimit {
  double seconds = 600;
  double pauses = 50;  // or so many usual pauses between two movements, if longer; 0: no
};

class StallWatch {
 public:
  struct Work {
    std::function<Profile::Place()> place;  // called by another thread
    /// Called by another thread, on one rank that lives, with what is to be said; has to end the process.
    std::function<void(const std::string&)> report;
    /// The same on the other ranks, some looks later, in case nobody has ended them.
    std::function<void(const std::string&)> leave;
  };

  /// Collective. Where the file cannot be written there is no watch: `warn` is called on rank 0.
  StallWatch(const Communicator& comm, const std::filesystem::path& folder, const StallLimit& limit,
             Work work, const std::function<void(const std::string&)>& warn);
  /// Ends the thread; rank 0 removes the file.
  ~StallWatch();
  StallWatch(const StallWatch&) = delete;
  StallWatch& operator=(const StallWatch&) = delete;

 private:
  void watch(const std::stop_token& stop);
  void take_a_look(double seconds);
  double patience() const;
  void judge();
  void report(const std::string& message);
  int other_reporter(const std::vector<std::optional<Beat>>& beats) const;
  void beat();

  HeartbeatFile file_;
  StallLimit limit_;
  Work work_;
  std::chrono::duration<double> interval_;
  int rank_;
  Beat beat_;
  std::uint64_t movements_ = 0;  // of the work, when last looked at
  std::vector<double> pauses_;   // the last ones between two movements [s]; a ring
  std::size_t next_pause_ = 0;
  std::vector<std::optional<Beat>> before_;  // a first reading, once this rank stands still
  int since_ = 0;                            // looks since then
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;  // the last member: it uses the others
};

/// What two readings of the file, some beats apart, say; empty where some rank that lives has moved within `seconds`.
/// "rank 2 (host a, process 7) gives no sign of life, last seen in step 41 at 'force'; ranks 0, 1, 3 stand in step 41 at 'check list'"
std::string describe_stall(const std::vector<std::optional<Beat>>& before,
                           const std::vector<std::optional<Beat>>& after, double seconds);

/// The lowest rank whose count has grown from one reading to the other; -1: none.
int first_alive(const std::vector<std::optional<Beat>>& before,
                const std::vector<std::optional<Beat>>& after);

}  // namespace r1::io
