// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/gather.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {
namespace {

/// Checks the index against a tensor whose axis index.rank() - 1 it runs along.
int indexed_axis(const Type& tensor, const Type& index) {
  const int axis = index.shape.rank() - 1;
  require(index.dtype == Dtype::i32 || index.dtype == Dtype::i64, "an index is i32 or i64, not {}",
          index.text());
  require(axis >= 0 && axis < tensor.shape.rank(), "{} has no axis for the index {}", tensor.text(),
          index.text());
  for (int k = 0; k < axis; ++k)
    require(tensor.shape[k] == index.shape[k], "axis {} of {} and of its index {} differ", k,
            tensor.text(), index.text());
  return axis;
}

Shape with_extent(const Shape& shape, int axis, std::int64_t extent) {
  auto extents = shape.extents();
  extents[static_cast<std::size_t>(axis)] = extent;
  return Shape(extents);
}

/// The derivative does not reach the index.
class Gather final : public Op {
 public:
  std::string_view name() const override { return "gather"; }
  int arity() const override { return 2; }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    const int axis = indexed_axis(operands[0], operands[1]);
    return {operands[0].with(with_extent(operands[0].shape, axis, operands[1].shape[axis]))};
  }
  Spread spread(std::span<const Type> operands) const override {
    return spread_of_product(operands);
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const Value& index = node.operands[1];
    const auto rows = node.operands[0].shape()[index.shape().rank() - 1];
    return {scatter_add(cotangents[0], index, rows), Value()};
  }
  Values jvp(const Node& node, const Values& tangents) const override {
    return {tangents[0] ? gather(tangents[0], node.operands[1]) : Value()};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return gather_kernel(request);
  }
  std::vector<Example> examples() const override {
    const Example::Operand table{{Dtype::f64, {4, 3}}}, index{{Dtype::i32, {6}}, -1, 5},
        along{{Dtype::i64, {4, 2}}, 0, 3};
    return {{{table, index}, {}}, {{table, along}, {}}};
  }
} const kGather;

class ScatterAdd final : public Op {
 public:
  std::string_view name() const override { return "scatter_add"; }
  int arity() const override { return 2; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const int axis = indexed_axis(operands[0], operands[1]);
    require(operands[0].shape[axis] == operands[1].shape[axis],
            "as many indices as updates are needed: {} and {}", operands[1].text(),
            operands[0].text());
    return {operands[0].with(with_extent(operands[0].shape, axis, attributes.integer("rows")))};
  }
  Spread spread(std::span<const Type> operands) const override {
    return spread_of_product(operands);
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {gather(cotangents[0], node.operands[1]), Value()};
  }
  Values jvp(const Node& node, const Values& tangents) const override {
    if (!tangents[0]) return {Value()};
    return {scatter_add(tangents[0], node.operands[1], node.attributes.integer("rows"))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return scatter_add_kernel(request);
  }
  std::vector<Example> examples() const override {
    const Example::Operand updates{{Dtype::f64, {6, 3}}}, index{{Dtype::i32, {6}}, -1, 5},
        along{{Dtype::i64, {6, 3}}, 0, 2};
    const Attributes four{{"rows", std::int64_t{4}}}, two{{"rows", std::int64_t{2}}};
    return {{{updates, index}, four}, {{updates, along}, two}};
  }
} const kScatterAdd;

}  // namespace

Value gather(const Value& x, const Value& index) { return apply1(kGather, {}, {x, index}); }

Value scatter_add(const Value& updates, const Value& index, std::int64_t n) {
  return apply1(kScatterAdd, {{"rows", n}}, {updates, index});
}

void add_gather(OpRegistry& registry) {
  registry.add(kGather);
  registry.add(kScatterAdd);
}

}  // namespace r1::ml
