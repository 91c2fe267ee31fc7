// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/leaves.hpp"

#include "ml/graph/node_store.hpp"
#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

#include <utility>

namespace r1::ml {
namespace {

Attributes attributes_of(const Type& type) {
  return {{"dtype", type.dtype},
          {"shape", type.shape.extents()},
          {"spread", static_cast<std::int64_t>(type.spread)}};
}

Type type_in(const Attributes& attributes) {
  return {attributes.dtype("dtype"), Shape(attributes.integers("shape")),
          static_cast<Spread>(attributes.integer("spread"))};
}

/// What is the same for all: the type stands in the attributes.
class Leaf : public ConstantOp {
 public:
  int arity() const override { return 0; }
  std::vector<Type> infer(std::span<const Type>, const Attributes& attributes) const override {
    const auto spread = attributes.integer("spread");
    require(spread >= 0 && spread <= static_cast<int>(Spread::sharded), "{} is no spread", spread);
    return {type_in(attributes)};
  }
  bool sets_spread() const override { return false; }
};

class Input final : public Leaf {
 public:
  std::string_view name() const override { return "input"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    attributes.text("name");
    return Leaf::infer(operands, attributes);
  }
  std::vector<Example> examples() const override { return {}; }  // its value comes from outside
} const kInput;

class Constant final : public Leaf {
 public:
  std::string_view name() const override { return "constant"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    auto types = Leaf::infer(operands, attributes);
    const auto count = static_cast<std::int64_t>(attributes.reals("values").size());
    require(count == 1 || count == types[0].shape.elements(), "{} values for {}", count,
            types[0].text());
    return types;
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return constant_kernel(request, request.attributes.reals("values"));
  }
  std::vector<Example> examples() const override {
    auto table = attributes_of({Dtype::f64, {2, 2}}), splat = attributes_of({Dtype::f64, {3}});
    return {{{}, table.set("values", Reals{1, 2, 3, 4})}, {{}, splat.set("values", Reals{0.5})}};
  }
} const kConstant;

class Iota final : public Leaf {
 public:
  std::string_view name() const override { return "iota"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    auto types = Leaf::infer(operands, attributes);
    const auto axis = attributes.integer("axis");
    require(axis >= 0 && axis < types[0].shape.rank(), "{} has no axis {}", types[0].text(), axis);
    return types;
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    const Shape& shape = request.results[0].shape;
    Reals values;
    std::int64_t inner = 1;
    const auto axis = static_cast<int>(request.attributes.integer("axis"));
    for (int k = axis + 1; k < shape.rank(); ++k) inner *= shape[k];
    for (std::int64_t k = 0; k < shape.elements(); ++k)
      values.push_back(static_cast<double>(k / inner % shape[axis]));
    return constant_kernel(request, values);
  }
  std::vector<Example> examples() const override {
    auto attributes = attributes_of({Dtype::i64, {2, 3}});
    return {{{}, attributes.set("axis", std::int64_t{1})}};
  }
} const kIota;

}  // namespace

Value input_leaf(NodeStore& store, const std::string& name, Type type) {
  auto attributes = attributes_of(type);
  return store.intern(kInput, attributes.set("name", name), {}).result();
}

Value constant(NodeStore& store, double value, const Type& type) {
  return constant(store, Reals{value}, type);
}

Value constant(NodeStore& store, const Reals& values, const Type& type) {
  auto attributes = attributes_of(type);
  return store.intern(kConstant, attributes.set("values", values), {}).result();
}

Value constant_like(const Value& like, double value) {
  return constant(*like.node->store, value, {like.dtype(), like.shape()});
}

Value zeros_like(const Value& like) { return constant(*like.node->store, 0.0, like.type()); }

Value iota(const Value& near, Dtype dtype, const Shape& shape, int axis) {
  auto attributes = attributes_of({dtype, shape});
  return leaf(kIota, attributes.set("axis", std::int64_t{axis}), near);
}

std::optional<double> splat_of(const Value& value) {
  if (value.node->op != &kConstant) return std::nullopt;
  const auto& values = value.node->attributes.reals("values");
  return values.size() == 1 ? std::optional(values[0]) : std::nullopt;
}

void add_leaves(OpRegistry& registry) {
  registry.add(kInput);
  registry.add(kConstant);
  registry.add(kIota);
}

}  // namespace r1::ml
