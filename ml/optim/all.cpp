// SPDX-License-Identifier: Apache-2.0
#include "ml/optim/optimizer.hpp"

namespace r1::ml {

OptimizerRegistry builtin_optimizers() {
  OptimizerRegistry registry;
  add_adam(registry);
  add_sgd(registry);
  return registry;
}

}  // namespace r1::ml
