// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/concat.hpp"

#include "ml/ops/registry.hpp"
#include "ml/ops/slice.hpp"
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
    Values parts;
    std::int64_t begin = 0;
    for (const auto& operand : node.operands) {
      const auto end = begin + operand.shape()[axis];
      parts.push_back(slice_axis(cotangents[0], axis, begin, end));
      begin = end;
    }
    return parts;
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

}  // namespace

Value concat(const Values& parts, int axis) {
  return parts.size() == 1 ? parts[0] : apply1(kConcat, {{"axis", std::int64_t{axis}}}, parts);
}

void add_concat(OpRegistry& registry) { registry.add(kConcat); }

}  // namespace r1::ml
