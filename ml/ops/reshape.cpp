// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/reshape.hpp"

#include "ml/ops/registry.hpp"

namespace r1::ml {
namespace {

class Reshape final : public LinearOp {
 public:
  std::string_view name() const override { return "reshape"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const Shape shape(attributes.integers("shape"));
    require(shape.elements() == operands[0].shape.elements(),
            "{} has {} elements, and {} would have {}", operands[0].text(),
            operands[0].shape.elements(), shape.text(), shape.elements());
    return {operands[0].with(shape)};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {reshape(cotangents[0], node.operands[0].shape())};
  }
  std::optional<std::size_t> alias_offset(const Node&, int) const override { return 0; }
  std::vector<Example> examples() const override {
    return {{{{{Dtype::f64, {2, 6}}}}, {{"shape", Integers{3, 4}}}}};
  }
} const kReshape;

}  // namespace

Value reshape(const Value& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return apply1(kReshape, {{"shape", shape.extents()}}, {x});
}

void add_reshape(OpRegistry& registry) { registry.add(kReshape); }

}  // namespace r1::ml
