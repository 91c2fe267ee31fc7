// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/input.hpp"

#include "apps/output_directory.hpp"
#include "comm/agree.hpp"
#include "io/text_file.hpp"

namespace r1::apps {
namespace {

constexpr std::uint64_t kMostInputBytes = std::uint64_t{1} << 20;
constexpr const char* kTitle = "r1md input";

/// Checked as far as it goes without reading atoms.
std::shared_ptr<io::ConfigDocument> checked_document(const std::string& text,
                                                     const Command& command,
                                                     const Registries& registries) {
  auto document = io::parse_config(text, command.input, registries.schema(), command.overrides);
  document->check();
  check_directory(document->root()["output"]);
  md::check_inputs(document->root(), registries.all());
  return document;
}

}  // namespace

io::Schema Registries::schema() const {
  return md::run_schema(
      {potentials.schema(), integrators.schema(), thermostats.schema(), observables.schema()});
}

std::string input_json_schema() { return io::config_json_schema(Registries().schema(), kTitle); }
std::string input_markdown() {
  return "# The input of r1md\n\n"
         "Every key, with its value, default and meaning. This page is written by\n"
         "`r1md --schema=markdown > docs/config.md`; the schema for editors by "
         "`r1md --schema > docs/r1md.schema.json`.\n\n" +
         io::config_markdown(Registries().schema(), kTitle);
}

std::string check_input(const Command& command) {
  const Registries registries;
  const auto text = io::read_text_file(command.input, kMostInputBytes);
  const auto document = checked_document(text, command, registries);
  if (command.action == Action::print_config)
    return document->print(io::ConfigDocument::Origins::shown);
  return command.input.string() + ": valid\n";
}

Input share_input(const Command& command, const Communicator& world, const Registries& registries) {
  Input input;
  agree_on_root(world, [&] {
    input.text = io::read_text_file(command.input, kMostInputBytes);
    checked_document(input.text, command, registries);
  });
  world.broadcast(input.text);
  // The checks are over: this document stays free of faults on every rank.
  input.document =
      io::parse_config(input.text, command.input, registries.schema(), command.overrides);
  input.document->check();
  input.settings = md::read_run_settings(input.document->root());
  input.document->check();
  return input;
}

}  // namespace r1::apps
