// The input language of r1train: one description, from which parser, documentation and the schema for editors follow.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/config/train_settings.hpp"
#include "ml/data/dataset.hpp"
#include "ml/models/model.hpp"
#include "ml/optim/schedule.hpp"
#include "ml/train/recipe.hpp"
#include "ml/train/trainer.hpp"

#include <memory>

namespace r1::ml {

/// Everything that an input can choose from.
struct TrainRegistries {
  DatasetRegistry datasets = builtin_datasets();
  TransformRegistry transforms = builtin_transforms();
  LayerRegistry layers = builtin_layers();
  ModelRegistry models = builtin_models();
  LossRegistry losses = builtin_losses();
  OptimizerRegistry optimizers = builtin_optimizers();
  ScheduleRegistry schedules = builtin_schedules();
};

io::Schema train_schema(const TrainRegistries& registries);

/// What an input describes, made: data are read, the model is traced. Faults are recorded in the document of `root`; where they are
/// grave, ConfigError is thrown.
struct TrainingJob {
  TrainSettings settings;
  TrainingData data;
  Recipe recipe;
  std::shared_ptr<const Schedule> schedule;
};
TrainingJob make_training_job(const io::Config& root, const TrainRegistries& registries);

}  // namespace r1::ml
