// SPDX-License-Identifier: Apache-2.0
#include "apps/r1train/input.hpp"

#include "apps/output_directory.hpp"

namespace r1::apps {
namespace {

constexpr const char* kTitle = "r1train input";

}  // namespace

std::string train_json_schema() {
  return io::config_json_schema(ml::train_schema(ml::TrainRegistries()), kTitle);
}

std::string train_markdown() {
  return "# The input of r1train\n\n"
         "Every key, with its value, default and meaning. This page is written by\n"
         "`r1train --schema=markdown > docs/train_config.md`; the schema for editors by "
         "`r1train --schema > docs/r1train.schema.json`.\n\n" +
         io::config_markdown(ml::train_schema(ml::TrainRegistries()), kTitle);
}

TrainInput read_train_input(const Command& command, const ml::TrainRegistries& registries) {
  TrainInput input;
  input.document = io::load_config(command.input, ml::train_schema(registries), command.overrides);
  input.document->check();
  const auto root = input.document->root();
  check_directory(root["output"]);
  input.job = ml::make_training_job(root, registries);
  return input;
}

std::string check_train_input(const Command& command) {
  const auto input = read_train_input(command, ml::TrainRegistries());
  if (command.action == Action::print_config)
    return input.document->print(io::ConfigDocument::Origins::shown);
  return command.input.string() + ": valid\n";
}

}  // namespace r1::apps
