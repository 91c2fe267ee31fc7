// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/beginning.hpp"

#include "comm/agree.hpp"
#include "md/checkpoint/input_record.hpp"

namespace r1::apps {
namespace {

/// The checkpoint that the command asks for.
std::optional<io::CheckpointReader> chosen_checkpoint(const Command& command,
                                                      const ResultsFolder& folder,
                                                      const Parallel& parallel) {
  const auto warn = [&](const std::string& text) { parallel.log.warning(text); };
  const auto& file = command.restart_file;
  if (command.restart != Restart::from_file)
    return folder.checkpoints().newest(parallel.world, warn);
  int is_folder = std::filesystem::is_directory(file) ? 1 : 0;
  parallel.world.broadcast(std::span<int>(&is_folder, 1));
  if (is_folder == 0) return io::CheckpointReader(parallel.world, file);
  auto found = io::CheckpointStore(file).newest(parallel.world, warn);
  if (!found) throw CheckpointError("there is no checkpoint in '" + file.string() + "'");
  return found;
}

/// Refuses an input that would compute something else than the checkpoint's.
void compare_inputs(const io::CheckpointReader& state, const Input& input, const Command& command,
                    const Parallel& parallel) {
  std::vector<std::string> said;
  agree_on_root(parallel.world, [&] {
    const auto place = md::StagePlace::from(state);
    said = md::accept_changes(md::InputRecord::from(state), md::InputRecord::of(*input.document),
                              place, command.input.string());
    if (place.index >= std::ssize(input.settings.stages))
      throw CheckpointError("'" + state.path().string() + "' is of stage " +
                            std::to_string(place.index + 1) + ", which the input does not have");
    const auto& stage = input.settings.stages[static_cast<std::size_t>(place.index)];
    const auto* dynamics = std::get_if<md::DynamicsStage>(&stage);
    if (dynamics != nullptr && dynamics->steps < place.done)
      throw ConfigError({Diagnostic{command.input.string(), 0, 0,
                                    "stage " + std::to_string(place.index + 1) + " has " +
                                        std::to_string(dynamics->steps) + " steps, but " +
                                        std::to_string(place.done) + " are done already",
                                    ""}});
  });
  for (const auto& change : said) parallel.log.warning("the input has changed: " + change);
}

}  // namespace

Beginning find_beginning(ResultsFolder::State state, const Command& command, const Input& input,
                         const ResultsFolder& folder, const Parallel& parallel) {
  Beginning beginning;
  if (state == ResultsFolder::State::begun || command.restart == Restart::from_file)
    beginning.state = chosen_checkpoint(command, folder, parallel);
  if (!beginning.state) return beginning;
  compare_inputs(*beginning.state, input, command, parallel);
  if (beginning.state->has("output/thermo/last_step") && state == ResultsFolder::State::begun)
    beginning.outputs = Beginning::Outputs::continued;
  return beginning;
}

}  // namespace r1::apps
