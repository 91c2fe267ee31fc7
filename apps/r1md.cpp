// r1md: molecular dynamics. What needs neither MPI nor Kokkos is answered before they start.
// SPDX-License-Identifier: Apache-2.0
#include "apps/command_line.hpp"
#include "apps/exit_codes.hpp"
#include "apps/parallel.hpp"
#include "apps/r1md/help.hpp"
#include "apps/r1md/input.hpp"
#include "apps/r1md/run.hpp"
#include "apps/r1md/status.hpp"
#include "apps/r1md/templates.hpp"
#include "apps/run_app.hpp"
#include "apps/signals.hpp"
#include "apps/version_text.hpp"

#include <iostream>

namespace {

constexpr r1::apps::Program kProgram{"r1md", "reproducible"};

/// Writes what --help and its like ask for.
int say(const std::string& text) {
  std::cout << text;
  return r1::apps::kDone;
}

int carry_out(const r1::apps::Command& command, int argc, char** argv) {
  using namespace r1::apps;
  switch (command.action) {
    case Action::help:
      return say(help_text());
    case Action::version:
      return say(version_text(kProgram.name));
    case Action::version_json:
      return say(version_json(kProgram.name));
    case Action::schema:
      return say(input_json_schema());
    case Action::schema_markdown:
      return say(input_markdown());
    case Action::starter:
      return say(starter_input(command.starter));
    case Action::validate:
    case Action::print_config:
      return run_alone([&] { return say(check_input(command)); });
    case Action::status:
      return say(status_text(command.input));
    case Action::run:
      watch_signals();  // before the long start of MPI: what comes then is heeded at the first step
      break;
    case Action::dry_run:
      break;
  }
  return run_parallel(kProgram.name, command, argc, argv,
                      [&](const Parallel& parallel) { return run_r1md(command, parallel); });
}

}  // namespace

int main(int argc, char** argv) {
  return r1::apps::run_app(kProgram.name, [&] {
    return carry_out(r1::apps::parse_command_line(kProgram, argc, argv), argc, argv);
  });
}
