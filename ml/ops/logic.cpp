// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/logic.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

#include <string>
#include <utility>

namespace r1::ml {
namespace {

/// Of two operands of one type, or of booleans; the result is boolean.
class Predicate final : public ConstantOp {
 public:
  enum class Of : std::uint8_t { numbers, booleans };
  Predicate(std::string_view name, std::size_t arity, Of of)
      : name_(name), arity_(arity), of_(of) {}
  std::string_view name() const override { return name_; }
  int arity() const override { return static_cast<int>(arity_); }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    require(operands.size() == arity_, "it takes {} operands, not {}", arity_, operands.size());
    for (const auto& type : operands) {
      require(type.shape == operands[0].shape && type.dtype == operands[0].dtype,
              "operands of one type are needed, these are {} and {}", operands[0].text(),
              type.text());
      require((type.dtype == Dtype::boolean) == (of_ == Of::booleans), "it is not for {}",
              name_of(type.dtype));
    }
    return {operands[0].with(Dtype::boolean)};
  }
  bool is_pointwise() const override { return true; }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return pointwise_kernel(request, name_);
  }
  std::vector<Example> examples() const override {
    const auto dtype = of_ == Of::booleans ? Dtype::boolean : Dtype::i32;
    const Example::Operand operand{{dtype, {4, 3}}, 0, of_ == Of::booleans ? 2.0 : 3.0};
    return {{std::vector(arity_, operand), {}}};
  }

 private:
  std::string_view name_;
  std::size_t arity_;
  Of of_;
};

const Predicate kLess("less", 2, Predicate::Of::numbers);
const Predicate kLessEqual("less_equal", 2, Predicate::Of::numbers);
const Predicate kEqual("equal", 2, Predicate::Of::numbers);
const Predicate kAnd("logical_and", 2, Predicate::Of::booleans);
const Predicate kOr("logical_or", 2, Predicate::Of::booleans);
const Predicate kNot("logical_not", 1, Predicate::Of::booleans);

class Select final : public Op {
 public:
  std::string_view name() const override { return "select"; }
  int arity() const override { return 3; }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    require(operands[0].dtype == Dtype::boolean, "the condition is boolean, not {}",
            operands[0].text());
    require(operands[1].dtype == operands[2].dtype && operands[0].shape == operands[1].shape &&
                operands[1].shape == operands[2].shape,
            "a condition and two values of one shape are needed, these are {}, {} and {}",
            operands[0].text(), operands[1].text(), operands[2].text());
    return {operands[1]};
  }
  Spread spread(std::span<const Type> operands) const override {
    const Spread values = spread_of_linear(operands.subspan(1));
    const Type both[] = {operands[0], {operands[1].dtype, operands[1].shape, values}};
    return spread_of_product(both);
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const Value zero = zeros_like(cotangents[0]);
    return {Value(), select(node.operands[0], cotangents[0], zero),
            select(node.operands[0], zero, cotangents[0])};
  }
  Values jvp(const Node& node, const Values& tangents) const override {
    const auto filled = [&](std::size_t k) {
      return tangents[k] ? tangents[k] : zeros_like(node.operands[k]);
    };
    if (!tangents[1] && !tangents[2]) return {Value()};
    return {select(node.operands[0], filled(1), filled(2))};
  }
  bool is_pointwise() const override { return true; }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return pointwise_kernel(request, "select");
  }
  std::vector<Example> examples() const override {
    return {
        {{{{Dtype::boolean, {4, 3}}, 0, 2}, {{Dtype::f64, {4, 3}}}, {{Dtype::f64, {4, 3}}}}, {}}};
  }
} const kSelect;

class Cast final : public Op {
 public:
  std::string_view name() const override { return "cast"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const bool linear = is_floating(operands[0].dtype) && is_floating(attributes.dtype("dtype"));
    require(linear || operands[0].spread != Spread::partial,
            "a partial sum over ranks is rounded after it is added up: all_reduce {} first",
            operands[0].text());
    return {operands[0].with(attributes.dtype("dtype"))};
  }
  Spread spread(std::span<const Type> operands) const override {
    return spread_of_linear(operands);
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {between_reals(node) ? cast(cotangents[0], node.operands[0].dtype()) : Value()};
  }
  Values jvp(const Node& node, const Values& tangents) const override {
    return {between_reals(node) ? cast(tangents[0], node.result().dtype()) : Value()};
  }
  bool is_pointwise() const override { return true; }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return pointwise_kernel(request, "cast");
  }
  std::vector<Example> examples() const override {
    return {{{{{Dtype::boolean, {5}}, 0, 2}}, {{"dtype", Dtype::f64}}},
            {{{{Dtype::i32, {5}}, -3, 3}}, {{"dtype", Dtype::f64}}},
            {{{{Dtype::f64, {5}}}}, {{"dtype", Dtype::i32}}}};
  }

 private:
  static bool between_reals(const Node& node) {
    return is_floating(node.operands[0].dtype()) && is_floating(node.result().dtype());
  }
} const kCast;

Value compare(const Op& op, const Value& a, const Value& b) {
  const Shape shape = common_shape(a.shape(), b.shape());
  return apply1(op, {}, {broadcast_to(a, shape), broadcast_to(b, shape)});
}

}  // namespace

Value operator<(const Value& a, const Value& b) { return compare(kLess, a, b); }
Value operator<=(const Value& a, const Value& b) { return compare(kLessEqual, a, b); }
Value equal(const Value& a, const Value& b) { return compare(kEqual, a, b); }
Value logical_and(const Value& a, const Value& b) { return compare(kAnd, a, b); }
Value logical_or(const Value& a, const Value& b) { return compare(kOr, a, b); }
Value logical_not(const Value& a) { return apply1(kNot, {}, {a}); }

Value select(const Value& condition, const Value& chosen, const Value& other) {
  const Shape shape = common_shape(condition.shape(), common_shape(chosen.shape(), other.shape()));
  return apply1(
      kSelect, {},
      {broadcast_to(condition, shape), broadcast_to(chosen, shape), broadcast_to(other, shape)});
}

Value cast(const Value& x, Dtype dtype) {
  return x.dtype() == dtype ? x : apply1(kCast, {{"dtype", dtype}}, {x});
}

void add_logic(OpRegistry& registry) {
  for (const auto* op : {&kLess, &kLessEqual, &kEqual, &kAnd, &kOr, &kNot}) registry.add(*op);
  registry.add(kSelect);
  registry.add(kCast);
}

}  // namespace r1::ml
