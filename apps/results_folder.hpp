// The folder of a run's results: what lies there already is never overwritten unasked, a finished run is not repeated, and an
// unfinished one is continued. A folder that holds nothing but a lock and temporary files counts as empty.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"
#include "apps/parallel.hpp"
#include "io/checkpoint_store.hpp"
#include "io/folder_lock.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace r1::apps {

/// What a program leaves.
struct ResultFiles {
  /// Of files and folders, "events.*" for all that begin so; summary.json, the last that is written, marks a finished run.
  std::vector<std::string> names;
  /// Removes what is no result by itself. May be empty.
  std::function<void(const std::filesystem::path& folder)> remove_others;
};

class ResultsFolder {
 public:
  /// `config`: every value of the run, as config.yaml holds it.
  ResultsFolder(std::filesystem::path folder, std::string config, ResultFiles files)
      : folder_(std::move(folder)), config_(std::move(config)), files_(std::move(files)) {}

  enum class State {
    free,      // nothing is there, or it may be replaced
    begun,     // a run with a checkpoint: to be continued, if the input agrees
    finished,  // this very run
  };
  /// CommandLineError where results lie that can neither be continued nor, by `command`, replaced. Changes nothing.
  State look(const Command& command) const;
  void make() const;
  /// Removes results that are there.
  void clear() const;
  /// Writes config.yaml.
  void describe() const;

  io::CheckpointStore checkpoints() const { return io::CheckpointStore(folder_); }
  const std::filesystem::path& path() const { return folder_; }
  /// Names of the results that are there.
  std::vector<std::string> results() const;

 private:
  std::filesystem::path folder_;
  std::string config_;
  ResultFiles files_;
};

/// Makes the folder, locks it, looks again (another job may have begun meanwhile: IoError) and removes what may be replaced. Collective.
io::FolderLock take_over(const ResultsFolder& folder, const Command& command,
                         const Parallel& parallel);
/// Waits for the ranks of a job that was killed, some of which outlive it by moments. Collective.
io::FolderLock lock_of(const ResultsFolder& folder, const Parallel& parallel);
/// ResultsFolder::look(), which rank 0 does for all. Collective.
ResultsFolder::State look_at(const ResultsFolder& folder, const Command& command,
                             const Communicator& world);

}  // namespace r1::apps
