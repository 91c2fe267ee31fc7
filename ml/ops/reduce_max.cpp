// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/reduce_max.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/runtime/kernel.hpp"

#include <algorithm>
#include <functional>

namespace r1::ml {
namespace {

Value repeated(const Value& reduced, const Node& node) {
  const auto& axes = node.attributes.integers("axes");
  return broadcast(reduced, axes, extents_at(node.operands[0].shape(), axes));
}

/// Of the elements along the axes, the share of each in the maximum: 1/n for each of n that are equal to it.
Value shares(const Node& node) {
  const Value& x = node.operands[0];
  const Value is_largest = cast(equal(x, repeated(node.result(), node)), x.dtype());
  return is_largest / repeated(reduce_sum(is_largest, node.attributes.integers("axes")), node);
}

class ReduceMax final : public Op {
 public:
  std::string_view name() const override { return "reduce_max"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    require(operands[0].dtype != Dtype::boolean, "booleans have no largest: cast them");
    const auto& axes = attributes.integers("axes");
    require(std::adjacent_find(axes.begin(), axes.end(), std::greater_equal<>()) == axes.end(),
            "axes are ascending");
    for (const auto axis : axes)
      require(axis >= 0 && axis < operands[0].shape.rank() &&
                  operands[0].shape[static_cast<int>(axis)] > 0,
              "axis {} of {} has no largest element", axis, operands[0].text());
    return {operands[0].with(without_axes(operands[0].shape, axes))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {repeated(cotangents[0], node) * shares(node)};
  }
  Values jvp(const Node& node, const Values& tangents) const override {
    return {reduce_sum(tangents[0] * shares(node), node.attributes.integers("axes"))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return reduce_kernel(request, request.attributes.integers("axes"), Reduction::max);
  }
  std::vector<Example> examples() const override {
    return {{{{{Dtype::f64, {3, 4}}}}, {{"axes", Integers{1}}}},
            {{{{Dtype::f64, {3, 4, 2}}}}, {{"axes", Integers{0, 2}}}}};
  }
} const kReduceMax;

}  // namespace

Value reduce_max(const Value& x, const Integers& axes) {
  return axes.empty() ? x : apply1(kReduceMax, {{"axes", axes}}, {x});
}

Value max_keeping(const Value& x, const Integers& axes) {
  return reshape(reduce_max(x, axes), with_ones(x.shape(), axes));
}

void add_reduce_max(OpRegistry& registry) { registry.add(kReduceMax); }

}  // namespace r1::ml
