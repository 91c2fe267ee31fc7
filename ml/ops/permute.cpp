// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/runtime/kernel.hpp"

#include <algorithm>
#include <numeric>

namespace r1::ml {
namespace {

Integers inverse_of(const Integers& order) {
  Integers inverse(order.size());
  for (std::size_t k = 0; k < order.size(); ++k)
    inverse[static_cast<std::size_t>(order[k])] = static_cast<std::int64_t>(k);
  return inverse;
}

class Permute final : public LinearOp {
 public:
  std::string_view name() const override { return "permute"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const Shape& shape = operands[0].shape;
    const auto& order = attributes.integers("order");
    auto sorted = order;
    std::sort(sorted.begin(), sorted.end());
    Integers ascending(static_cast<std::size_t>(shape.rank()));
    std::iota(ascending.begin(), ascending.end(), 0);
    require(sorted == ascending, "{} is no order of the axes of {}", Shape(order).text(),
            operands[0].text());
    std::vector<std::int64_t> extents;
    for (const auto axis : order) extents.push_back(shape[static_cast<int>(axis)]);
    return {operands[0].with(Shape(extents))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {permute(cotangents[0], inverse_of(node.attributes.integers("order")))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    StridedCopy copy(request.results[0].shape, row_major(request.results[0].shape));
    const auto strides = row_major(request.operands[0].shape);
    const auto& order = request.attributes.integers("order");
    for (std::size_t k = 0; k < order.size(); ++k)
      copy.from[k] = strides[static_cast<std::size_t>(order[k])];
    return copy_kernel(request, {copy});
  }
  std::vector<Example> examples() const override {
    return {{{{{Dtype::f64, {2, 3, 4}}}}, {{"order", Integers{2, 0, 1}}}}};
  }
} const kPermute;

}  // namespace

Value permute(const Value& x, const Integers& order) {
  if (std::is_sorted(order.begin(), order.end())) return x;
  return apply1(kPermute, {{"order", order}}, {x});
}

Value transpose(const Value& x) {
  Integers order(static_cast<std::size_t>(x.shape().rank()));
  std::iota(order.begin(), order.end(), 0);
  require(order.size() >= 2, "a transpose needs two axes, this is {}", x.type().text());
  std::swap(order[order.size() - 1], order[order.size() - 2]);
  return permute(x, order);
}

void add_permute(OpRegistry& registry) { registry.add(kPermute); }

}  // namespace r1::ml
