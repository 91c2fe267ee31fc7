// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/transcendental.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/pointwise.hpp"
#include "ml/ops/registry.hpp"

#include <numbers>

namespace r1::ml {
namespace {

using Linear = Pointwise::Linear;

const Value& x_of(const Node& node) { return node.operands[0]; }

const Pointwise kExp({"exp", 1, [](const Node& n) -> Values { return {n.result()}; }});
const Pointwise kLog({"log", 1, [](const Node& n) -> Values { return {1.0 / x_of(n)}; }, Linear::no,
                      0.2, 2});
const Pointwise kLog1p({"log1p", 1, [](const Node& n) -> Values { return {1.0 / (1.0 + x_of(n))}; },
                        Linear::no, -0.5, 2});
const Pointwise kSqrt({"sqrt", 1, [](const Node& n) -> Values { return {0.5 / n.result()}; },
                       Linear::no, 0.2, 2});
const Pointwise kTanh({"tanh", 1,
                       [](const Node& n) -> Values { return {1.0 - n.result() * n.result()}; }});
// erf' = 2/sqrt(pi) exp(-x^2)
const Pointwise kErf({"erf", 1, [](const Node& n) -> Values {
                        return {2 * std::numbers::inv_sqrtpi * exp(-square(x_of(n)))};
                      }});
const Pointwise kSin({"sin", 1, [](const Node& n) -> Values { return {cos(x_of(n))}; }});
const Pointwise kCos({"cos", 1, [](const Node& n) -> Values { return {-sin(x_of(n))}; }});
const Pointwise kPow({"pow_const", 1,
                      [](const Node& n) -> Values {
                        const double exponent = n.attributes.real("exponent");
                        return {exponent * pow(x_of(n), exponent - 1)};
                      },
                      Linear::no, 0.2, 2, Attributes{{"exponent", -1.5}}});
const Pointwise kFloor({"floor", 1, [](const Node&) -> Values { return {Value()}; }});
const Pointwise kRound({"round", 1, [](const Node&) -> Values { return {Value()}; }});

}  // namespace

Value exp(const Value& x) { return apply1(kExp, {}, {x}); }
Value log(const Value& x) { return apply1(kLog, {}, {x}); }
Value log1p(const Value& x) { return apply1(kLog1p, {}, {x}); }
Value sqrt(const Value& x) { return apply1(kSqrt, {}, {x}); }
Value tanh(const Value& x) { return apply1(kTanh, {}, {x}); }
Value erf(const Value& x) { return apply1(kErf, {}, {x}); }
Value sin(const Value& x) { return apply1(kSin, {}, {x}); }
Value cos(const Value& x) { return apply1(kCos, {}, {x}); }
Value floor(const Value& x) { return apply1(kFloor, {}, {x}); }
Value round(const Value& x) { return apply1(kRound, {}, {x}); }
Value square(const Value& x) { return x * x; }

Value pow(const Value& x, double exponent) {
  if (exponent == 0) return constant_like(x, 1.0);
  if (exponent == 1) return x;
  return apply1(kPow, {{"exponent", exponent}}, {x});
}

void add_transcendental(OpRegistry& registry) {
  for (const auto* op :
       {&kExp, &kLog, &kLog1p, &kSqrt, &kTanh, &kErf, &kSin, &kCos, &kPow, &kFloor, &kRound})
    registry.add(*op);
}

}  // namespace r1::ml
