// Transforms of a model's input, traced into the graph before the model. Each is one file, with its keys of the input language.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/registry.hpp"
#include "ml/graph/value.hpp"

namespace r1::ml {

class Transform {
 public:
  virtual ~Transform() = default;
  /// x (N, ...) -> (N, ...). Throws ShapeError where x does not fit.
  virtual Value apply(const Value& x) const = 0;
};

struct TransformContext {};
using TransformRegistry = io::Registry<Transform, TransformContext>;

/// With every transform of the project.
TransformRegistry builtin_transforms();

// A line for each file.
void add_normalize(TransformRegistry& registry);

}  // namespace r1::ml
