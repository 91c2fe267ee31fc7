// Models that have a name: a file each, with its keys of the input language; built of the same layers as a list of them would be.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/layer.hpp"

namespace r1::ml {

struct ModelContext {
  std::int64_t classes = 0;  // of the data's targets; 0: they are real
};
using ModelRegistry = io::Registry<Layer, ModelContext>;

/// With every model of the project.
ModelRegistry builtin_models();

// A line for each file in ml/models.
void add_gpt(ModelRegistry& registry);
void add_resnet(ModelRegistry& registry);

}  // namespace r1::ml
