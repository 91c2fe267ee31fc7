// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/composite.hpp"

#include "ml/passes/grad.hpp"
#include "ml/passes/jvp.hpp"

namespace r1::ml {
namespace {

/// Operands by their first place: a value that stands in several is differentiated by once, for all of them.
Values without_repetition(const Values& operands) {
  Values once = operands;
  for (std::size_t k = 1; k < once.size(); ++k)
    for (std::size_t earlier = 0; earlier < k; ++earlier)
      if (operands[earlier] == operands[k]) once[k] = Value();
  return once;
}

}  // namespace

Values CompositeOp::vjp(const Node& node, const Values& cotangents) const {
  const Values once = without_repetition(node.operands);
  Values wrt;
  for (const auto& operand : once)
    if (operand) wrt.push_back(operand);
  const Values found = pull_back_to(compose(node.operands, node.attributes), cotangents, wrt);
  Values results(once.size());
  for (std::size_t k = 0, next = 0; k < once.size(); ++k)
    if (once[k]) results[k] = found[next++];
  return results;
}

Values CompositeOp::jvp(const Node& node, const Values& tangents) const {
  return push_forward(compose(node.operands, node.attributes), node.operands, tangents);
}

}  // namespace r1::ml
