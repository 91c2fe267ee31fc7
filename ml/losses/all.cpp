// SPDX-License-Identifier: Apache-2.0
#include "ml/losses/loss.hpp"

namespace r1::ml {

LossRegistry builtin_losses() {
  LossRegistry registry;
  add_cross_entropy(registry);
  add_mean_squared_error(registry);
  return registry;
}

}  // namespace r1::ml
