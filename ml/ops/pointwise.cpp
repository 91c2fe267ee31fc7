// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/pointwise.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {

std::vector<Type> Pointwise::infer(std::span<const Type> operands, const Attributes&) const {
  for (const auto& type : operands)
    require(type.shape == operands[0].shape && type.dtype == operands[0].dtype,
            "operands of one type are needed, these are {} and {}; cast or broadcast one of them",
            operands[0].text(), type.text());
  require(operands[0].dtype != Dtype::boolean, "booleans do not compute: cast them");
  return {operands[0]};
}

Spread Pointwise::spread(std::span<const Type> operands) const {
  if (traits_.linear == Linear::jointly) return spread_of_linear(operands);
  if (traits_.linear == Linear::in_each) return spread_of_product(operands);
  if (traits_.linear == Linear::in_first && Op::spread(operands.subspan(1)) == Spread::replicated)
    return operands[0].spread;
  return Op::spread(operands);
}

Values Pointwise::vjp(const Node& node, const Values& cotangents) const {
  Values factors = traits_.derivatives(node);
  for (auto& factor : factors)
    if (factor) factor = cotangents[0] * factor;
  return factors;
}

Values Pointwise::jvp(const Node& node, const Values& tangents) const {
  const Values factors = traits_.derivatives(node);
  Value sum;
  for (std::size_t k = 0; k < tangents.size(); ++k)
    if (tangents[k] && factors[k]) sum = accumulate(sum, tangents[k] * factors[k]);
  return {sum};
}

std::unique_ptr<Kernel> Pointwise::kernel(const KernelRequest& request) const {
  return pointwise_kernel(request, traits_.name);
}

std::vector<Example> Pointwise::examples() const {
  const Example::Operand operand{{Dtype::f64, {3, 5}}, traits_.low, traits_.high};
  return {{std::vector(static_cast<std::size_t>(traits_.arity), operand), traits_.attributes}};
}

}  // namespace r1::ml
