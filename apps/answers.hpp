// What a program answers without MPI: help costs nothing, and only a check of an input starts Kokkos.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"

#include <optional>
#include <string>

namespace r1::apps {

/// The texts that differ between programs.
struct Answers {
  std::string (*help)();
  std::string (*schema)();           // of the input, as JSON Schema
  std::string (*schema_markdown)();  // for people
  std::string (*starter)(const std::string& name);
  std::string (*check)(const Command& command);   // --validate, --print-config
  std::string (*status)(const Command& command);  // --status
};

/// Prints what the command asks for and returns the exit code; none where it asks for a run.
std::optional<int> answer(const Program& program, const Answers& answers, const Command& command);

}  // namespace r1::apps
