// Optimizers as nodes: what a step makes of parameters, gradients and the optimizer's own state. The learning rate is an input, so that
// a schedule changes no plan.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/registry.hpp"
#include "ml/graph/graph.hpp"
#include "ml/layers/model_trace.hpp"

#include <string>
#include <vector>

namespace r1::ml {

class Optimizer {
 public:
  virtual ~Optimizer() = default;
  /// Adds state inputs ("adamw.m.3.weight") and updates of them and of the parameters to the graph. `gradients` in the order of
  /// `parameters`; `learning_rate` is a scalar of their type. State begins as zeros. Where `ok`, a boolean scalar, is false everything
  /// stays as it is; no value: it is true.
  virtual void update(Graph& graph, const std::vector<Parameter>& parameters,
                      const Values& gradients, const Value& learning_rate,
                      const Value& ok) const = 0;
};

/// The state input `name` becomes `next` where `ok`, as above.
void update_if(Graph& graph, const std::string& name, const Value& next, const Value& ok);

struct OptimizerContext {};
using OptimizerRegistry = io::Registry<Optimizer, OptimizerContext>;

/// With every optimizer of the project.
OptimizerRegistry builtin_optimizers();

// A line for each file in ml/optim.
void add_adam(OptimizerRegistry& registry);
void add_sgd(OptimizerRegistry& registry);

}  // namespace r1::ml
