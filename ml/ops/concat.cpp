// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/concat.hpp"

#include "ml/ops/leaves.hpp"
#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {
namespace {

class Concat final : public LinearOp {
 public:
  std::string_view name() const override { return "concat"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const auto axis = attributes.integer("axis");
    require(axis >= 0 && axis < operands[0].shape.rank(), "{} has no axis {}", operands[0].text(),
            axis);
    auto extents = operands[0].shape.extents();
    for (const auto& type : operands.subspan(1)) {
      auto others = type.shape.extents();
      require(others.size() == extents.size() && type.dtype == operands[0].dtype,
              "parts of one element type and as many axes are needed, these are {} and {}",
              operands[0].text(), type.text());
      extents[static_cast<std::size_t>(axis)] += others[static_cast<std::size_t>(axis)];
      others[static_cast<std::size_t>(axis)] = extents[static_cast<std::size_t>(axis)];
      require(others == extents, "parts differ in another axis than {}: {} and {}", axis,
              operands[0].text(), type.text());
    }
    return {operands[0].with(Shape(extents))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const auto axis = static_cast<int>(node.attributes.integer("axis"));
    Integers extents;
    for (const auto& operand : node.operands) extents.push_back(operand.shape()[axis]);
    return split(cotangents[0], axis, extents);
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    const auto axis = static_cast<std::size_t>(request.attributes.integer("axis"));
    const auto strides = row_major(request.results[0].shape);
    std::vector<StridedCopy> copies;
    std::int64_t offset = 0;
    for (const auto& operand : request.operands) {
      StridedCopy copy(operand.shape, strides);
      copy.from = row_major(operand.shape);
      copy.to_offset = offset;
      offset += operand.shape[static_cast<int>(axis)] * strides[axis];
      copies.push_back(copy);
    }
    return copy_kernel(request, copies);
  }
  std::vector<Example> examples() const override {
    return {{{{{Dtype::f64, {2, 3}}}, {{Dtype::f64, {2, 1}}}, {{Dtype::f64, {2, 2}}}},
             {{"axis", std::int64_t{1}}}}};
  }
} const kConcat;

class Split final : public LinearOp {
 public:
  std::string_view name() const override { return "split"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const auto axis = attributes.integer("axis");
    require(axis >= 0 && axis < operands[0].shape.rank(), "{} has no axis {}", operands[0].text(),
            axis);
    std::vector<Type> parts;
    std::int64_t sum = 0;
    for (const auto extent : attributes.integers("extents")) {
      auto extents = operands[0].shape.extents();
      extents[static_cast<std::size_t>(axis)] = extent;
      parts.push_back(operands[0].with(Shape(extents)));
      sum += extent;
    }
    require(sum == operands[0].shape[static_cast<int>(axis)],
            "parts of {} do not make up axis {} of {}", sum, axis, operands[0].text());
    return parts;
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    Values parts = cotangents;
    for (std::size_t k = 0; k < parts.size(); ++k)
      if (!parts[k]) parts[k] = zeros_like(node.result(static_cast<int>(k)));
    return {concat(parts, static_cast<int>(node.attributes.integer("axis")))};
  }
  /// Where all axes before the one that is cut have an extent of 1, each part lies together.
  std::optional<std::size_t> alias_offset(const Node& node, int result) const override {
    const auto axis = static_cast<int>(node.attributes.integer("axis"));
    const Type& x = node.operands[0].type();
    for (int k = 0; k < axis; ++k)
      if (x.shape[k] != 1) return std::nullopt;
    std::size_t offset = 0;
    for (int k = 0; k < result; ++k) offset += node.result(k).type().bytes();
    return offset;
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    const auto axis = static_cast<std::size_t>(request.attributes.integer("axis"));
    const auto strides = row_major(request.operands[0].shape);
    std::vector<StridedCopy> copies;
    std::int64_t offset = 0;
    for (const auto& part : request.results) {
      StridedCopy copy(part.shape, row_major(part.shape));
      copy.from = strides;
      copy.from_offset = offset;
      offset += part.shape[static_cast<int>(axis)] * strides[axis];
      copies.push_back(copy);
    }
    return scatter_copy_kernel(request, copies);
  }
  std::vector<Example> examples() const override {
    return {
        {{{{Dtype::f64, {2, 6}}}}, {{"axis", std::int64_t{1}}, {"extents", Integers{3, 1, 2}}}}};
  }
} const kSplit;

}  // namespace

Values split(const Value& x, int axis, const Integers& extents) {
  if (extents.size() == 1) return {x};
  return apply(kSplit, {{"axis", std::int64_t{axis}}, {"extents", extents}}, {x});
}

Value concat(const Values& parts, int axis) {
  return parts.size() == 1 ? parts[0] : apply1(kConcat, {{"axis", std::int64_t{axis}}}, parts);
}

void add_concat(OpRegistry& registry) {
  registry.add(kConcat);
  registry.add(kSplit);
}

}  // namespace r1::ml
