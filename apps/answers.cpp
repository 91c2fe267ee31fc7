// SPDX-License-Identifier: Apache-2.0
#include "apps/answers.hpp"

#include "apps/exit_codes.hpp"
#include "apps/parallel.hpp"
#include "apps/version_text.hpp"

#include <iostream>

namespace r1::apps {
namespace {

int say(const std::string& text) {
  std::cout << text;
  return kDone;
}

}  // namespace

std::optional<int> answer(const Program& program, const Answers& answers, const Command& command) {
  switch (command.action) {
    case Action::help:
      return say(answers.help());
    case Action::version:
      return say(version_text(program.name));
    case Action::version_json:
      return say(version_json(program.name));
    case Action::schema:
      return say(answers.schema());
    case Action::schema_markdown:
      return say(answers.schema_markdown());
    case Action::starter:
      return say(answers.starter(command.starter));
    case Action::validate:
    case Action::print_config:
      return run_alone([&] { return say(answers.check(command)); });
    case Action::status:
      return say(answers.status(command));
    case Action::run:
    case Action::dry_run:
      break;
  }
  return std::nullopt;
}

}  // namespace r1::apps
