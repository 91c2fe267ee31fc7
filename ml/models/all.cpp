// SPDX-License-Identifier: Apache-2.0
#include "ml/models/model.hpp"

namespace r1::ml {

ModelRegistry builtin_models() {
  ModelRegistry registry;
  add_gpt(registry);
  add_resnet(registry);
  return registry;
}

}  // namespace r1::ml
