// A loss: what training makes small, and what tells people how good a model is. Each is one file, with its keys of the input language.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/registry.hpp"
#include "ml/graph/value.hpp"

#include <memory>
#include <string>

namespace r1::ml {

class Loss {
 public:
  virtual ~Loss() = default;
  /// Of each sample: prediction and target (N, ...) -> (N). Throws ShapeError where they do not fit to each other.
  virtual Value of_samples(const Value& prediction, const Value& target) const = 0;
  /// The share of each sample that is right (N); no value where nothing is right or wrong.
  virtual Value accuracy(const Value& prediction, const Value& target) const = 0;
  /// Whether targets are numbers of classes; else they are real.
  virtual bool wants_classes() const = 0;
};

struct LossContext {};
using LossRegistry = io::Registry<Loss, LossContext>;

/// With every loss of the project.
LossRegistry builtin_losses();

// A line for each file in ml/losses.
void add_cross_entropy(LossRegistry& registry);
void add_mean_squared_error(LossRegistry& registry);

}  // namespace r1::ml
