// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/order_keeping.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/ops/logic.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

bool is(const Value& value, std::string_view op) { return value.node->op->name() == op; }

/// x <= bound ? bound : x
std::optional<OrderKeeping> bound_from_below(const Value& x) {
  if (!is(x, "select")) return std::nullopt;
  const auto& operands = x.node->operands;
  const Value &below = operands[0], &bound = operands[1], &of = operands[2];
  const auto number = splat_of(bound);
  if (!number || !is(below, "less_equal") || below.node->operands != Values{of, bound})
    return std::nullopt;
  return OrderKeeping{of, [number](const Value& y) {
                        const Value same = constant_like(y, *number);
                        return select(y <= same, same, y);
                      }};
}

/// Repeated along all spatial axes.
bool is_of_planes(const Value& x, const ConvGeometry& image) {
  if (!is(x, "broadcast")) return false;
  const auto& axes = x.node->attributes.integers("axes");
  const int first = image.order == ImageOrder::channels_first ? 2 : 1;
  for (int axis = first; axis < first + image.axes(); ++axis)
    if (!std::binary_search(axes.begin(), axes.end(), axis)) return false;
  return true;
}

std::optional<OrderKeeping> offset_of_planes(const Value& x, const ConvGeometry& image) {
  if (!is(x, "add")) return std::nullopt;
  const auto& operands = x.node->operands;
  for (const std::size_t k : {0, 1}) {
    const Value &of = operands[k], &offset = operands[1 - k];
    if (is_of_planes(offset, image))
      return OrderKeeping{of, [offset](const Value& y) {
                            const auto& axes = offset.node->attributes.integers("axes");
                            return y + broadcast(offset.node->operands[0], axes,
                                                 extents_at(y.shape(), axes));
                          }};
  }
  return std::nullopt;
}

}  // namespace

std::optional<OrderKeeping> order_keeping(const Value& x, const ConvGeometry& image) {
  if (auto found = bound_from_below(x)) return found;
  return offset_of_planes(x, image);
}

}  // namespace r1::ml
