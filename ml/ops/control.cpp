// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/control.hpp"

#include "ml/ops/registry.hpp"

namespace r1::ml {
namespace {

class StopGradient final : public ConstantOp {
 public:
  std::string_view name() const override { return "stop_gradient"; }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    return {operands[0]};
  }
  Spread spread(std::span<const Type> operands) const override { return operands[0].spread; }
  std::optional<std::size_t> alias_offset(const Node&, int) const override { return 0; }
  std::vector<Example> examples() const override { return {{{{{Dtype::f64, {3}}}}, {}}}; }
} const kStopGradient;

class Depends final : public Op {
 public:
  std::string_view name() const override { return "depends"; }
  int arity() const override { return 2; }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    return {operands[0]};
  }
  Spread spread(std::span<const Type> operands) const override { return operands[0].spread; }
  Values vjp(const Node&, const Values& cotangents) const override {
    return {cotangents[0], Value()};
  }
  Values jvp(const Node& node, const Values& tangents) const override {
    return {tangents[0] ? depends(tangents[0], node.operands[1]) : Value()};
  }
  std::optional<std::size_t> alias_offset(const Node&, int) const override { return 0; }
  std::vector<Example> examples() const override {
    return {{{{{Dtype::f64, {3}}}, {{Dtype::f64, {2}}}}, {}}};
  }
} const kDepends;

}  // namespace

Value stop_gradient(const Value& x) { return apply1(kStopGradient, {}, {x}); }

Value depends(const Value& x, const Value& earlier) { return apply1(kDepends, {}, {x, earlier}); }

void add_control(OpRegistry& registry) {
  registry.add(kStopGradient);
  registry.add(kDepends);
}

}  // namespace r1::ml
