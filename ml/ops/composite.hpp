// A composite: an operation that could be written with others, its composition, and has a kernel of its own because that is faster or takes
// less memory. Its derivatives are those of the composition unless it knows better ones; the composition is also what the suites compare the
// kernel with, and what `expanded` leaves in its place.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/op.hpp"

namespace r1::ml {

/// What has a composition.
class Composed {
 public:
  virtual ~Composed() = default;
  /// The same results, made of other operations.
  virtual Values compose(const Values& operands, const Attributes& attributes) const = 0;
};

/// Derivatives are those of the composition.
class CompositeOp : public Op, public Composed {
 public:
  Values vjp(const Node& node, const Values& cotangents) const override;
  Values jvp(const Node& node, const Values& tangents) const override;
};

}  // namespace r1::ml
