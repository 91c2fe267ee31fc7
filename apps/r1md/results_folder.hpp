// The folder of a run's results: what lies there already is never overwritten unasked, a finished run is not repeated, and an
// unfinished one is continued. A folder that holds nothing but a lock and temporary files counts as empty.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"
#include "io/checkpoint_store.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace r1::apps {

class ResultsFolder {
 public:
  /// `config`: every value of the run, as config.yaml holds it.
  ResultsFolder(std::filesystem::path folder, std::string config)
      : folder_(std::move(folder)), config_(std::move(config)) {}

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
};

}  // namespace r1::apps
