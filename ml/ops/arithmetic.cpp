// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/arithmetic.hpp"

#include "ml/ops/broadcast.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/pointwise.hpp"
#include "ml/ops/registry.hpp"

namespace r1::ml {
namespace {

using Linear = Pointwise::Linear;

Value one(const Node& node) { return constant_like(node.result(), 1.0); }

const Pointwise kAdd({"add", 2,
                      [](const Node& n) -> Values {
                        return {one(n), one(n)};
                      },
                      Linear::jointly});

const Pointwise kMul({"mul", 2,
                      [](const Node& n) -> Values {
                        return {n.operands[1], n.operands[0]};
                      },
                      Linear::in_each});

const Pointwise kNeg({"neg", 1,
                      [](const Node& n) -> Values { return {constant_like(n.result(), -1.0)}; },
                      Linear::jointly});

// d(a/b) = da/b - (a/b)/b db
const Pointwise kDiv({"div", 2,
                      [](const Node& n) -> Values {
                        const Value& b = n.operands[1];
                        return {1.0 / b, -(n.result() / b)};
                      },
                      Linear::in_first, 0.5, 2.0});

const Pointwise kMax({"max", 2, [](const Node& n) -> Values {
                        const Value first =
                            cast(n.operands[1] <= n.operands[0], n.result().dtype());
                        return {first, 1.0 - first};
                      }});

Value with_common_shape(const Op& op, const Value& a, const Value& b) {
  if (a.shape() == b.shape()) return apply1(op, {}, {a, b});
  const Shape shape = common_shape(a.shape(), b.shape());
  return apply1(op, {}, {broadcast_to(a, shape), broadcast_to(b, shape)});
}

/// Where `neutral` is all of one operand, the other is the result: unless that would be spread in another way.
bool is_splat(const Value& value, double neutral, const Value& other) {
  const Spread spread = value.type().spread;
  const bool keeps_spread = spread == Spread::replicated ||
                            (spread == Spread::sharded && other.type().spread == Spread::sharded);
  return keeps_spread && splat_of(value) == neutral;
}

}  // namespace

Value operator+(const Value& a, const Value& b) {
  if (a.shape() == b.shape()) {
    if (is_splat(a, 0.0, b)) return b;
    if (is_splat(b, 0.0, a)) return a;
  }
  return with_common_shape(kAdd, a, b);
}

Value operator*(const Value& a, const Value& b) {
  if (a.shape() == b.shape()) {
    if (is_splat(a, 1.0, b)) return b;
    if (is_splat(b, 1.0, a)) return a;
    if (is_splat(a, -1.0, b)) return -b;
    if (is_splat(b, -1.0, a)) return -a;
  }
  return with_common_shape(kMul, a, b);
}

Value operator-(const Value& a, const Value& b) { return a + -b; }
Value operator/(const Value& a, const Value& b) { return with_common_shape(kDiv, a, b); }
Value operator-(const Value& a) { return apply1(kNeg, {}, {a}); }

Value max(const Value& a, const Value& b) { return with_common_shape(kMax, a, b); }
Value min(const Value& a, const Value& b) { return -max(-a, -b); }

Value accumulate(const Value& a, const Value& b) {
  if (!a) return b;
  return b ? a + b : a;
}

void add_arithmetic(OpRegistry& registry) {
  for (const auto* op : {&kAdd, &kMul, &kNeg, &kDiv, &kMax}) registry.add(*op);
}

}  // namespace r1::ml
