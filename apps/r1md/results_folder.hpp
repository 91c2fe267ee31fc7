// The folder of a run's results: what lies there already is never overwritten unasked, and a finished run is not repeated.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace r1::apps {

class ResultsFolder {
 public:
  /// `config`: every value of the run, as config.yaml holds it.
  ResultsFolder(std::filesystem::path folder, std::string config)
      : folder_(std::move(folder)), config_(std::move(config)) {}

  enum class State { free, finished };
  /// finished: this very run has been carried out here. CommandLineError where results of another one, or of an unfinished one, lie
  /// there and `existing` does not allow to replace them. Changes nothing.
  State look(Existing existing) const;
  /// Makes the folder, removes results that are there, and writes config.yaml.
  void begin() const;

  const std::filesystem::path& path() const { return folder_; }
  /// Names of the results that are there.
  std::vector<std::string> results() const;

 private:
  std::filesystem::path folder_;
  std::string config_;
};

}  // namespace r1::apps
