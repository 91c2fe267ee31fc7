// What a run goes on from: nothing, or a checkpoint, with or without the outputs that belong to it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/parallel.hpp"
#include "apps/r1md/input.hpp"
#include "apps/results_folder.hpp"

#include <optional>

namespace r1::apps {

struct Beginning {
  std::optional<io::CheckpointReader> state;
  enum class Outputs { fresh, continued } outputs = Outputs::fresh;

  const io::CheckpointReader* resumed() const { return state ? &*state : nullptr; }
  const io::CheckpointReader* outputs_resumed() const {
    return outputs == Outputs::continued ? resumed() : nullptr;
  }
};

/// Looks for the checkpoint that the command asks for, and compares its input with this one: ConfigError where the run would compute
/// something else, a warning where it is carried out in another way. CheckpointError if no checkpoint can be used. Collective.
Beginning find_beginning(ResultsFolder::State state, const Command& command, const Input& input,
                         const ResultsFolder& folder, const Parallel& parallel);

}  // namespace r1::apps
