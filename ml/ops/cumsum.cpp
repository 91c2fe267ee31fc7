// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/cumsum.hpp"

#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {
namespace {

/// The adjoint runs the other way.
class Cumsum final : public LinearOp {
 public:
  std::string_view name() const override { return "cumsum"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const auto axis = attributes.integer("axis");
    require(axis >= 0 && axis < operands[0].shape.rank(), "{} has no axis {}", operands[0].text(),
            axis);
    require(operands[0].dtype != Dtype::boolean, "booleans do not add up: cast them");
    return {operands[0]};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const auto& a = node.attributes;
    const auto other = a.integer("direction") == 0 ? Direction::reverse : Direction::forward;
    return {cumsum(cotangents[0], static_cast<int>(a.integer("axis")), other,
                   static_cast<Own>(a.integer("own")))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return cumsum_kernel(request);
  }
  std::vector<Example> examples() const override {
    const auto example = [](std::int64_t axis, std::int64_t direction, std::int64_t own) {
      return Example{{{{Dtype::f64, {3, 4}}}},
                     {{"axis", axis}, {"direction", direction}, {"own", own}}};
    };
    return {example(0, 0, 0), example(1, 1, 0), example(1, 0, 1), example(0, 1, 1)};
  }
} const kCumsum;

}  // namespace

Value cumsum(const Value& x, int axis, Direction direction, Own own) {
  return apply1(kCumsum,
                {{"axis", std::int64_t{axis}},
                 {"direction", static_cast<std::int64_t>(direction)},
                 {"own", static_cast<std::int64_t>(own)}},
                {x});
}

void add_cumsum(OpRegistry& registry) { registry.add(kCumsum); }

}  // namespace r1::ml
