// r1train: trains neural networks. What needs neither MPI nor Kokkos is answered before they start.
// SPDX-License-Identifier: Apache-2.0
#include "apps/command_line.hpp"
#include "apps/exit_codes.hpp"
#include "apps/parallel.hpp"
#include "apps/r1train/help.hpp"
#include "apps/r1train/input.hpp"
#include "apps/r1train/run.hpp"
#include "apps/r1train/templates.hpp"
#include "apps/run_app.hpp"
#include "apps/version_text.hpp"

#include <iostream>

namespace {

constexpr r1::apps::Program kProgram{"r1train", "training.deterministic"};

/// Writes what --help and its like ask for.
int say(const std::string& text) {
  std::cout << text;
  return r1::apps::kDone;
}

int carry_out(const r1::apps::Command& command, int argc, char** argv) {
  using namespace r1::apps;
  switch (command.action) {
    case Action::help:
      return say(train_help_text());
    case Action::version:
      return say(version_text(kProgram.name));
    case Action::version_json:
      return say(version_json(kProgram.name));
    case Action::schema:
      return say(train_json_schema());
    case Action::schema_markdown:
      return say(train_markdown());
    case Action::starter:
      return say(train_starter_input(command.starter));
    case Action::validate:
    case Action::print_config:
      return run_alone([&] { return say(check_train_input(command)); });
    case Action::status:
      throw r1::CommandLineError("--status is r1md's; r1train's progress is in metrics.csv");
    case Action::run:
    case Action::dry_run:
      break;
  }
  if (command.restart == Restart::from_file || command.walltime.value_or("none") != "none")
    throw r1::CommandLineError(
        "--restart and --walltime are not available in this version of r1train: it cannot go on "
        "after a stop");
  return run_parallel(kProgram.name, command, argc, argv,
                      [&](const Parallel& parallel) { return run_r1train(command, parallel); });
}

}  // namespace

int main(int argc, char** argv) {
  return r1::apps::run_app(kProgram.name, [&] {
    return carry_out(r1::apps::parse_command_line(kProgram, argc, argv), argc, argv);
  });
}
