// r1md: molecular dynamics.
// SPDX-License-Identifier: Apache-2.0
#include "apps/answers.hpp"
#include "apps/parallel.hpp"
#include "apps/r1md/help.hpp"
#include "apps/r1md/input.hpp"
#include "apps/r1md/run.hpp"
#include "apps/r1md/status.hpp"
#include "apps/r1md/templates.hpp"
#include "apps/run_app.hpp"
#include "apps/signals.hpp"

namespace {

using namespace r1::apps;

constexpr Program kProgram{"r1md", "reproducible", "run[0].dynamics.steps=100"};

std::string status_of(const Command& command) { return status_text(command.input); }

constexpr Answers kAnswers{help_text,     input_json_schema, input_markdown,
                           starter_input, check_input,       status_of};

int carry_out(const Command& command, int argc, char** argv) {
  if (const auto code = answer(kProgram, kAnswers, command)) return *code;
  // Before the long start of MPI: signals that come then are heeded at the first step.
  if (command.action == Action::run) watch_signals();
  return run_parallel(kProgram.name, command, argc, argv,
                      [&](const Parallel& parallel) { return run_r1md(command, parallel); });
}

}  // namespace

int main(int argc, char** argv) {
  return run_app(kProgram.name,
                 [&] { return carry_out(parse_command_line(kProgram, argc, argv), argc, argv); });
}
