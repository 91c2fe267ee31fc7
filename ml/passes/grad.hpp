// Reverse-mode derivatives: nodes that compute the gradient are added to the graph, so that it can be differentiated again.
// Over ranks a loss is the sum of what they have, if it is partial or sharded; one that is replicated counts once. A gradient of a sharded
// value is sharded. That of a replicated one is partial, the sum of what ranks contribute: all_reduce it; where nothing is spread over
// ranks on the way to it, it is replicated.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// What the cotangents of `outputs` (no value: zero) are for each value of `wrt`: no value where nothing flows. A value of `wrt` may be
/// one on the way to another; each gets the total derivative. Contributions are added in the order of nodes, from the last one.
Values pull_back(const Values& outputs, const Values& cotangents, const Values& wrt);

/// The same, but nothing flows on from a value of `wrt` to what it was made of: partial derivatives with all of `wrt` independent.
Values pull_back_to(const Values& outputs, const Values& cotangents, const Values& wrt);

/// d loss / d w for each w of `wrt`, of its shape and element type; zeros where loss does not depend on it. `loss` is a floating scalar.
Values gradients(const Value& loss, const Values& wrt);

/// The gradient of a loss on a gradient, without differentiating the reverse pass. With `inner` = d `energy` / d `inputs` in the
/// graph and a loss made of it and of energy, the parameter gradient is
///   d loss/d w (inner held constant)  +  d/d w < d energy/d inputs, r >,   r = d loss / d inner held constant,
/// and the bracket is the tangent of energy along r: one forward pass with tangents and one reverse pass.
struct InnerGradient {
  Value energy;
  Values inputs;  // energy was differentiated by these
  Values inner;   // and this came out
};
Values gradients_reverse_over_forward(const Value& loss, const InnerGradient& inner,
                                      const Values& wrt);

}  // namespace r1::ml
