// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/logic.hpp"
#include "ml/optim/optimizer.hpp"

namespace r1::ml {

OptimizerRegistry builtin_optimizers() {
  OptimizerRegistry registry;
  add_adam(registry);
  add_sgd(registry);
  return registry;
}

void update_if(Graph& graph, const std::string& name, const Value& next, const Value& ok) {
  graph.update(name, ok ? select(ok, next, graph.input_named(name).value) : next);
}

}  // namespace r1::ml
