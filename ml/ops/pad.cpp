// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/registry.hpp"
#include "ml/ops/slice.hpp"
#include "ml/runtime/kernel.hpp"

#include <algorithm>
#include <optional>

namespace r1::ml {
namespace {

void check_lists(const Shape& shape, std::initializer_list<const Integers*> lists) {
  for (const auto* list : lists)
    require(static_cast<int>(list->size()) == shape.rank(),
            "a number for each axis of {} is needed", shape.text());
}

/// Number of elements from begin in strides below end.
std::int64_t steps(std::int64_t begin, std::int64_t end, std::int64_t stride) {
  return end <= begin ? 0 : (end - begin - 1) / stride + 1;
}

/// low + extent + high + (extent - 1) interior; none where that does not fit.
std::optional<std::int64_t> padded(std::int64_t extent, std::int64_t low, std::int64_t high,
                                   std::int64_t interior) {
  std::int64_t between = 0, sum = 0;
  if (__builtin_mul_overflow(std::max<std::int64_t>(extent - 1, 0), interior, &between) ||
      __builtin_add_overflow(low, high, &sum) || __builtin_add_overflow(sum, extent, &sum) ||
      __builtin_add_overflow(sum, between, &sum))
    return std::nullopt;
  return sum;
}

class Slice final : public LinearOp {
 public:
  std::string_view name() const override { return "slice"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const Shape& shape = operands[0].shape;
    const auto& begin = attributes.integers("begin");
    const auto& end = attributes.integers("end");
    const auto& strides = attributes.integers("strides");
    check_lists(shape, {&begin, &end, &strides});
    std::vector<std::int64_t> extents;
    for (std::size_t k = 0; k < begin.size(); ++k) {
      require(begin[k] >= 0 && begin[k] <= end[k] && end[k] <= shape[static_cast<int>(k)] &&
                  strides[k] > 0,
              "from {} to {} in strides of {} is no part of axis {} of {}", begin[k], end[k],
              strides[k], k, operands[0].text());
      extents.push_back(steps(begin[k], end[k], strides[k]));
    }
    return {operands[0].with(Shape(extents))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const auto& begin = node.attributes.integers("begin");
    const auto& strides = node.attributes.integers("strides");
    Integers high, interior;
    for (std::size_t k = 0; k < begin.size(); ++k) {
      const auto axis = static_cast<int>(k);
      const auto count = node.result().shape()[axis];
      const auto covered = count == 0 ? 0 : (count - 1) * strides[k] + 1;
      high.push_back(node.operands[0].shape()[axis] - begin[k] - covered);
      interior.push_back(strides[k] - 1);
    }
    return {pad(cotangents[0], begin, high, interior)};
  }
  /// Where all axes before the one that is cut have an extent of 1, the part lies together.
  std::optional<std::size_t> alias_offset(const Node& node, int) const override {
    const Type& x = node.operands[0].type();
    const auto& begin = node.attributes.integers("begin");
    const auto& strides = node.attributes.integers("strides");
    bool cut = false;
    std::int64_t offset = 0;
    const auto steps = row_major(x.shape);
    for (std::size_t k = begin.size(); k-- > 0;) {
      const auto axis = static_cast<int>(k);
      if (strides[k] != 1 || (cut && x.shape[axis] != 1 && node.result().shape()[axis] != 1))
        return std::nullopt;
      cut = cut || node.result().shape()[axis] != x.shape[axis];
      offset += begin[k] * steps[k];
    }
    return static_cast<std::size_t>(offset) * size_of(x.dtype);
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    StridedCopy copy(request.results[0].shape, row_major(request.results[0].shape));
    const auto strides = row_major(request.operands[0].shape);
    const auto& begin = request.attributes.integers("begin");
    const auto& steps = request.attributes.integers("strides");
    for (std::size_t k = 0; k < begin.size(); ++k) {
      copy.from[k] = strides[k] * steps[k];
      copy.from_offset += strides[k] * begin[k];
    }
    return copy_kernel(request, {copy});
  }
  std::vector<Example> examples() const override {
    const Attributes attributes{
        {"begin", Integers{1, 0}}, {"end", Integers{4, 7}}, {"strides", Integers{1, 3}}};
    return {{{{{Dtype::f64, {5, 7}}}}, attributes}};
  }
} const kSlice;

class Pad final : public LinearOp {
 public:
  std::string_view name() const override { return "pad"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    const Shape& shape = operands[0].shape;
    const auto& low = attributes.integers("low");
    const auto& high = attributes.integers("high");
    const auto& interior = attributes.integers("interior");
    check_lists(shape, {&low, &high, &interior});
    std::vector<std::int64_t> extents;
    for (std::size_t k = 0; k < low.size(); ++k) {
      require(low[k] >= 0 && high[k] >= 0 && interior[k] >= 0, "padding is not negative");
      const auto extent = shape[static_cast<int>(k)];
      const auto sum = padded(extent, low[k], high[k], interior[k]);
      require(sum.has_value(), "axis {} of {} becomes too long", k, operands[0].text());
      extents.push_back(*sum);
    }
    return {operands[0].with(Shape(extents))};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    const auto& low = node.attributes.integers("low");
    const auto& interior = node.attributes.integers("interior");
    Integers end, strides;
    for (std::size_t k = 0; k < low.size(); ++k) {
      const auto extent = node.operands[0].shape()[static_cast<int>(k)];
      strides.push_back(interior[k] + 1);
      end.push_back(low[k] + (extent == 0 ? 0 : (extent - 1) * strides[k] + 1));
    }
    return {slice(cotangents[0], low, end, strides)};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    StridedCopy copy(request.operands[0].shape, row_major(request.operands[0].shape));
    copy.from = copy.to;
    const auto strides = row_major(request.results[0].shape);
    const auto& low = request.attributes.integers("low");
    const auto& interior = request.attributes.integers("interior");
    for (std::size_t k = 0; k < low.size(); ++k) {
      copy.to[k] = strides[k] * (interior[k] + 1);
      copy.to_offset += strides[k] * low[k];
    }
    return copy_kernel(request, {copy}, Uncovered::zero);
  }
  std::vector<Example> examples() const override {
    const Attributes attributes{
        {"high", Integers{0, 2}}, {"interior", Integers{2, 0}}, {"low", Integers{1, 0}}};
    return {{{{{Dtype::f64, {3, 4}}}}, attributes}};
  }
} const kPad;

bool all_are(const Integers& list, std::int64_t value) {
  return std::all_of(list.begin(), list.end(), [value](auto x) { return x == value; });
}

}  // namespace

Value slice(const Value& x, const Integers& begin, const Integers& end, const Integers& strides) {
  if (all_are(begin, 0) && all_are(strides, 1) && end == x.shape().extents()) return x;
  return apply1(kSlice, {{"begin", begin}, {"end", end}, {"strides", strides}}, {x});
}

Value slice_axis(const Value& x, int axis, std::int64_t begin, std::int64_t end) {
  Integers first(static_cast<std::size_t>(x.shape().rank()), 0), last = x.shape().extents();
  const auto k = static_cast<std::size_t>(axis);
  require(k < first.size(), "{} has no axis {}", x.type().text(), axis);
  first[k] = begin;
  last[k] = end;
  return slice(x, first, last, Integers(first.size(), 1));
}

Value pad(const Value& x, const Integers& low, const Integers& high, const Integers& interior) {
  if (all_are(low, 0) && all_are(high, 0) && all_are(interior, 0)) return x;
  return apply1(kPad, {{"low", low}, {"high", high}, {"interior", interior}}, {x});
}

void add_pad(OpRegistry& registry) {
  registry.add(kSlice);
  registry.add(kPad);
}

}  // namespace r1::ml
