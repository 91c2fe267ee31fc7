// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/op.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/runtime/kernel.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

bool any(std::span<const Type> operands, Spread spread) {
  return std::any_of(operands.begin(), operands.end(),
                     [spread](const Type& type) { return type.spread == spread; });
}

Spread without_partial(std::span<const Type> operands) {
  return any(operands, Spread::sharded) ? Spread::sharded : Spread::replicated;
}

/// A rank has its part of one tensor and its contribution to all of the other.
void refuse_parts(std::span<const Type> operands) {
  require(!any(operands, Spread::sharded),
          "a partial sum over ranks and a sharded value do not go together: all_reduce or "
          "reduce_scatter the former");
}

}  // namespace

Spread Op::spread(std::span<const Type> operands) const {
  require(!any(operands, Spread::partial),
          "an operand is a partial sum over ranks, and {} is not linear: all_reduce it first",
          name());
  return without_partial(operands);
}

std::unique_ptr<Kernel> Op::kernel(const KernelRequest&) const { return nullptr; }

std::vector<Type> result_types(const Op& op, const Attributes& attributes,
                               std::span<const Type> operands) {
  const auto count = static_cast<int>(operands.size());
  require(op.arity() == count || op.arity() == Op::kAny, "it takes {} operands, not {}", op.arity(),
          count);
  auto results = op.infer(operands, attributes);
  if (op.sets_spread())
    for (auto& result : results) result.spread = op.spread(operands);
  return results;
}

Spread cotangent_spread(Spread spread) {
  if (spread == Spread::sharded) return Spread::sharded;
  return spread == Spread::partial ? Spread::replicated : Spread::partial;
}

Spread spread_of_linear(std::span<const Type> operands) {
  if (!any(operands, Spread::partial)) return without_partial(operands);
  require(!any(operands, Spread::replicated),
          "partial sums over ranks and replicated values do not add up: all_reduce the former, or "
          "make the latter as_partial");
  refuse_parts(operands);
  return Spread::partial;
}

Values LinearOp::jvp(const Node& node, const Values& tangents) const {
  Values filled = tangents;
  for (std::size_t k = 0; k < filled.size(); ++k)
    if (!filled[k]) filled[k] = zeros_like(node.operands[k]);
  return apply(*this, node.attributes, filled);
}

Spread spread_of_product(std::span<const Type> operands) {
  const auto partial = std::count_if(operands.begin(), operands.end(), [](const Type& type) {
    return type.spread == Spread::partial;
  });
  if (partial == 0) return without_partial(operands);
  require(partial == 1, "a product of partial sums over ranks is not the partial sum of products");
  refuse_parts(operands);
  return Spread::partial;
}

Spread spread_of_linear_in(std::size_t k, std::span<const Type> operands) {
  for (std::size_t other = 0; other < operands.size(); ++other)
    require(
        other == k || operands[other].spread != Spread::partial,
        "operand {} is a partial sum over ranks, and nothing is linear in it: all_reduce it first",
        other);
  if (operands[k].spread != Spread::partial) return without_partial(operands);
  refuse_parts(operands);
  return Spread::partial;
}

Values MultilinearOp::jvp(const Node& node, const Values& tangents) const {
  Values sum(node.results.size());
  for (std::size_t k = 0; k < tangents.size(); ++k) {
    if (!tangents[k]) continue;
    Values operands = node.operands;
    operands[k] = tangents[k];
    const Values term = apply(*this, node.attributes, operands);
    for (std::size_t r = 0; r < sum.size(); ++r) sum[r] = accumulate(sum[r], term[r]);
  }
  return sum;
}

Values ConstantOp::vjp(const Node& node, const Values&) const {
  return Values(node.operands.size());
}
Values ConstantOp::jvp(const Node& node, const Values&) const {
  return Values(node.results.size());
}

}  // namespace r1::ml
