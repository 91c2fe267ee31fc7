// The command line of a program: parsed before anything else starts, so that help, version and mistakes cost nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "core/log.hpp"
#include "io/config.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace r1::apps {

enum class Action {
  run,
  help,
  version,
  version_json,
  schema,           // the JSON Schema of the input
  schema_markdown,  // its description for people
  starter,          // --template
  validate,
  print_config,
  dry_run,
  status,
};

/// What becomes of results that lie in the output folder already.
enum class Existing { refused, overwritten };
/// From which checkpoint a run goes on.
enum class Restart {
  automatic,  // the newest in the output folder, if there is one
  none,
  from_file,
};
/// Whether ranks may share a GPU.
enum class GpuSharing { refused, allowed };

struct Command {
  Action action = Action::run;
  std::filesystem::path input;  // of status: a results folder
  std::vector<io::Override> overrides;
  std::optional<std::filesystem::path> directory;  // -o
  Existing existing = Existing::refused;
  Restart restart = Restart::automatic;
  std::filesystem::path restart_file;   // of from_file; a folder: the newest in it
  std::optional<std::string> walltime;  // instead of the input's: none, auto, HH:MM:SS
  std::string starter;                  // "lj", "nn"
  LogLevel log_level = LogLevel::info;
  ColorMode color = ColorMode::automatic;
  std::optional<int> threads;  // of each rank
  GpuSharing gpu_sharing = GpuSharing::refused;
};

/// What differs between programs.
struct Program {
  const char* name;          // "r1md"
  const char* reproducible;  // what --reproducible sets to true
  const char* change;        // an example for --set: "run[0].dynamics.steps=100"
};

/// Throws CommandLineError.
Command parse_command_line(const Program& program, int argc, const char* const* argv);

}  // namespace r1::apps
