// The input of r1md: its language, put together from all that is registered, and its checks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"
#include "apps/parallel.hpp"
#include "md/config/run_schema.hpp"
#include "md/setup/force_field.hpp"

#include <memory>
#include <string>

namespace r1::apps {

/// Everything that an input can choose from.
struct Registries {
  md::PotentialRegistry potentials = md::builtin_potentials();
  md::IntegratorRegistry integrators = md::builtin_integrators();
  md::ThermostatRegistry thermostats = md::builtin_thermostats();
  md::ObservableRegistry observables = md::builtin_observables();

  io::Schema schema() const;
  md::RunRegistries all() const { return {potentials, integrators, thermostats, observables}; }
};

/// The text of docs/r1md.schema.json and of docs/config.md.
std::string input_json_schema();
std::string input_markdown();

/// --validate, --print-config: the text to print; ConfigError with all faults.
std::string check_input(const Command& command);

/// An input that all ranks agree on: rank 0 reads and checks it, the others get its text.
struct Input {
  std::shared_ptr<io::ConfigDocument> document;
  std::string text;
  md::RunSettings settings;
};
Input share_input(const Command& command, const Communicator& world, const Registries& registries);

}  // namespace r1::apps
