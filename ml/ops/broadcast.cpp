// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/broadcast.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/runtime/kernel.hpp"

#include <algorithm>
#include <numeric>

namespace r1::ml {
namespace {

void check_axes(const Integers& axes, int rank) {
  for (std::size_t k = 0; k < axes.size(); ++k)
    require(axes[k] >= 0 && axes[k] < rank && (k == 0 || axes[k] > axes[k - 1]),
            "axes are ascending and lie below {}: {}", rank, Shape(axes).text());
}

class Broadcast final : public LinearOp {
 public:
  std::string_view name() const override { return "broadcast"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const auto& axes = attributes.integers("axes");
    const auto& extents = attributes.integers("extents");
    require(axes.size() == extents.size(), "an extent for each new axis is needed");
    check_axes(axes, operands[0].shape.rank() + static_cast<int>(axes.size()));
    return {operands[0].with(with_axes(operands[0].shape, axes, extents))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    return {reduce_sum(cotangents[0], node.attributes.integers("axes"))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    StridedCopy copy(request.results[0].shape, row_major(request.results[0].shape));
    const auto& axes = request.attributes.integers("axes");
    const auto strides = row_major(request.operands[0].shape);
    for (int axis = 0, from = 0; axis < request.results[0].shape.rank(); ++axis)
      copy.from[static_cast<std::size_t>(axis)] = std::binary_search(axes.begin(), axes.end(), axis)
                                                      ? 0
                                                      : strides[static_cast<std::size_t>(from++)];
    return copy_kernel(request, {copy});
  }
  std::vector<Example> examples() const override {
    return {{{{{Dtype::f64, {3}}}}, {{"axes", Integers{0, 2}}, {"extents", Integers{2, 4}}}}};
  }
} const kBroadcast;

class ReduceSum final : public LinearOp {
 public:
  std::string_view name() const override { return "reduce_sum"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const auto& axes = attributes.integers("axes");
    check_axes(axes, operands[0].shape.rank());
    require(operands[0].dtype != Dtype::boolean, "booleans do not add up: cast them");
    return {Type{attributes.dtype("dtype"), without_axes(operands[0].shape, axes)}};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const auto& x = node.operands[0];
    const auto& axes = node.attributes.integers("axes");
    return {broadcast(cast(cotangents[0], x.dtype()), axes, extents_at(x.shape(), axes))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return reduce_kernel(request, request.attributes.integers("axes"), Reduction::sum);
  }
  std::vector<Example> examples() const override {
    const Attributes middle{{"axes", Integers{1}}, {"dtype", Dtype::f64}},
        outer{{"axes", Integers{0, 2}}, {"dtype", Dtype::f64}};
    return {{{{{Dtype::f64, {2, 3, 4}}}}, middle}, {{{{Dtype::f64, {2, 3, 4}}}}, outer}};
  }
} const kReduceSum;

double count_of(const Shape& shape, const Integers& axes) {
  double count = 1;
  for (const auto axis : axes) count *= static_cast<double>(shape[static_cast<int>(axis)]);
  return count;
}

}  // namespace

Value broadcast(const Value& x, const Integers& axes, const Integers& extents) {
  return axes.empty() ? x : apply1(kBroadcast, {{"axes", axes}, {"extents", extents}}, {x});
}

Value reduce_sum(const Value& x, const Integers& axes, Dtype dtype) {
  if (axes.empty()) return cast(x, dtype);
  return apply1(kReduceSum, {{"axes", axes}, {"dtype", dtype}}, {x});
}

Value reduce_sum(const Value& x, const Integers& axes) { return reduce_sum(x, axes, x.dtype()); }
Value sum(const Value& x) { return reduce_sum(x, all_axes(x.shape())); }

Value mean(const Value& x, const Integers& axes) {
  return reduce_sum(x, axes) * (1.0 / count_of(x.shape(), axes));
}

Value sum_keeping(const Value& x, const Integers& axes) {
  return reshape(reduce_sum(x, axes), with_ones(x.shape(), axes));
}

Value mean_keeping(const Value& x, const Integers& axes) {
  return reshape(mean(x, axes), with_ones(x.shape(), axes));
}

Shape common_shape(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank());
  std::vector<std::int64_t> extents(static_cast<std::size_t>(rank), 1);
  for (int back = 1; back <= rank; ++back) {
    const auto x = back <= a.rank() ? a[a.rank() - back] : 1;
    const auto y = back <= b.rank() ? b[b.rank() - back] : 1;
    require(x == y || x == 1 || y == 1, "shapes {} and {} do not broadcast to each other", a.text(),
            b.text());
    extents[static_cast<std::size_t>(rank - back)] = x == 1 ? y : x;
  }
  return Shape(extents);
}

Value broadcast_to(const Value& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  require(common_shape(x.shape(), shape) == shape, "{} does not broadcast to {}", x.type().text(),
          shape.text());
  if (const auto value = splat_of(x)) return constant(*x.node->store, *value, x.type().with(shape));
  Integers axes, extents;
  std::vector<std::int64_t> kept;
  const int missing = shape.rank() - x.shape().rank();
  for (int axis = 0; axis < shape.rank(); ++axis) {
    if (axis >= missing && x.shape()[axis - missing] == shape[axis]) {
      kept.push_back(shape[axis]);
    } else {
      axes.push_back(axis);
      extents.push_back(shape[axis]);
    }
  }
  return broadcast(reshape(x, Shape(kept)), axes, extents);
}

Value broadcast_along(const Value& x, int axis, const Shape& shape) {
  const Integers others = axes_but(shape, axis);
  return broadcast(x, others, extents_at(shape, others));
}

Shape without_axes(const Shape& shape, const Integers& axes) {
  std::vector<std::int64_t> extents;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (!std::binary_search(axes.begin(), axes.end(), axis)) extents.push_back(shape[axis]);
  return Shape(extents);
}

Shape with_axes(const Shape& shape, const Integers& axes, const Integers& extents) {
  auto result = shape.extents();
  for (std::size_t k = 0; k < axes.size(); ++k) result.insert(result.begin() + axes[k], extents[k]);
  return Shape(result);
}

Shape with_ones(const Shape& shape, const Integers& axes) {
  auto extents = shape.extents();
  for (const auto axis : axes) extents[static_cast<std::size_t>(axis)] = 1;
  return Shape(extents);
}

Integers extents_at(const Shape& shape, const Integers& axes) {
  Integers extents;
  for (const auto axis : axes) extents.push_back(shape[static_cast<int>(axis)]);
  return extents;
}

Integers all_axes(const Shape& shape) {
  Integers axes(static_cast<std::size_t>(shape.rank()));
  std::iota(axes.begin(), axes.end(), 0);
  return axes;
}

Integers axes_but(const Shape& shape, int axis) {
  Integers axes = all_axes(shape);
  axes.erase(axes.begin() + axis);
  return axes;
}

void add_broadcast(OpRegistry& registry) {
  registry.add(kBroadcast);
  registry.add(kReduceSum);
}

}  // namespace r1::ml
