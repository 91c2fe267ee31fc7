// r1train: trains neural networks.
// SPDX-License-Identifier: Apache-2.0
#include "apps/answers.hpp"
#include "apps/parallel.hpp"
#include "apps/r1train/help.hpp"
#include "apps/r1train/input.hpp"
#include "apps/r1train/run.hpp"
#include "apps/r1train/templates.hpp"
#include "apps/run_app.hpp"

namespace {

using namespace r1::apps;

constexpr Program kProgram{"r1train", "training.deterministic", "training.batch_size=32"};

std::string no_status(const Command&) {
  throw r1::CommandLineError("--status is r1md's; r1train's progress is in metrics.csv");
}

constexpr Answers kAnswers{train_help_text,     train_json_schema, train_markdown,
                           train_starter_input, check_train_input, no_status};

int carry_out(const Command& command, int argc, char** argv) {
  if (const auto code = answer(kProgram, kAnswers, command)) return *code;
  if (command.restart == Restart::from_file || command.walltime.value_or("none") != "none")
    throw r1::CommandLineError(
        "--restart and --walltime are not available in this version of r1train: it cannot go on "
        "after a stop");
  return run_parallel(kProgram.name, command, argc, argv,
                      [&](const Parallel& parallel) { return run_r1train(command, parallel); });
}

}  // namespace

int main(int argc, char** argv) {
  return run_app(kProgram.name,
                 [&] { return carry_out(parse_command_line(kProgram, argc, argv), argc, argv); });
}
