// The input of r1train: from a file to a job, and what is said of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"
#include "ml/config/train_schema.hpp"

#include <memory>
#include <string>

namespace r1::apps {

/// The texts of docs/r1train.schema.json and of docs/train_config.md.
std::string train_json_schema();
std::string train_markdown();

/// --validate, --print-config: the text to print; ConfigError with all faults. Reads the data and traces the model.
std::string check_train_input(const Command& command);

struct TrainInput {
  std::shared_ptr<io::ConfigDocument> document;
  ml::TrainingJob job;
};
TrainInput read_train_input(const Command& command, const ml::TrainRegistries& registries);

}  // namespace r1::apps
