// Every registered operation is differentiated twice, on the examples that it gives, in fp64: first derivatives against finite
// differences of the value, second ones against finite differences of the first, tangents against cotangents. All that the
// derivatives are made of is registered: so the set is closed.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/op.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/registry.hpp"
#include "ml/passes/grad.hpp"
#include "ml/passes/jvp.hpp"
#include "tests/ml/evaluate.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using test::Reals;

constexpr double kStep =
    1e-5;  // of differences: their error is of its square, 1e-10, and 1e-16 / 1e-5 of rounding
constexpr double kTolerance = 1e-6;  // relative to the larger of 1 and the value

/// sum over all floating values of value * weight, where the weights are new inputs "<name><k>" of the types `weights`.
Value weighted_sum(Graph& graph, const Values& values, const std::string& name,
                   const std::vector<Type>& weights) {
  Value total;
  for (std::size_t k = 0; k < values.size(); ++k) {
    if (!values[k] || !is_floating(values[k].dtype())) continue;
    const Value weight = graph.input(fmt::format("{}{}", name, k), weights[k]);
    total = accumulate(total, sum(values[k] * weight));
  }
  return total;
}

/// Of what makes a number of values: the same, and replicated where a value is a partial sum.
std::vector<Type> weights_of(const Values& values) {
  std::vector<Type> types;
  for (const auto& value : values) {
    types.push_back(value.type());
    if (types.back().spread == Spread::partial) types.back().spread = Spread::replicated;
  }
  return types;
}

std::vector<Type> types_of(const Values& values) {
  std::vector<Type> types;
  for (const auto& value : values) types.push_back(value.type());
  return types;
}

/// The graph of one example: value S = <w, op(x)>, its gradient G, D = <v, G>, the gradient of D, and <w, J v>.
class DerivativeCase {
 public:
  DerivativeCase(const Op& op, const Example& example) : example_(example) {
    Values operands, floating;
    for (std::size_t k = 0; k < example.operands.size(); ++k) {
      operands.push_back(graph_.input(fmt::format("x{}", k), example.operands[k].type));
      if (is_floating(operands[k].dtype())) {
        floating.push_back(operands[k]);
        floating_.push_back(k);
      }
    }
    if (operands.empty()) return;
    const Values results = apply(op, example.attributes, operands);
    const Value s = weighted_sum(graph_, results, "w", weights_of(results));
    if (!s || floating.empty()) return;
    const Values first = gradients(s, floating);
    const Value along = weighted_sum(graph_, first, "v", types_of(floating));
    const Values second = gradients(along, floating);
    Values tangents;
    for (const auto k : floating_) {
      const auto at = static_cast<std::size_t>(std::find(floating_.begin(), floating_.end(), k) -
                                               floating_.begin());
      tangents.push_back(graph_.input_named(fmt::format("v{}", at)).value);
    }
    const Value moved = push_forward({s}, floating, tangents)[0];
    graph_.output("s", s);
    graph_.output("along", along);
    graph_.output("moved", moved ? moved : constant_like(s, 0.0));
    for (std::size_t k = 0; k < floating.size(); ++k) {
      graph_.output(fmt::format("first{}", k), first[k]);
      graph_.output(fmt::format("second{}", k), second[k]);
    }
    differentiable_ = true;
  }

  const Graph& graph() const { return graph_; }
  bool differentiable() const { return differentiable_; }

  void check() const {
    Evaluator evaluator(graph_);
    fill(evaluator);
    evaluator.run();
    const double along = evaluator.output("along")[0];
    EXPECT_NEAR(evaluator.output("moved")[0], along, kTolerance * std::max(1.0, std::abs(along)))
        << "tangents against cotangents";
    for (std::size_t k = 0; k < floating_.size(); ++k) check_operand(evaluator, k);
  }

 private:
  void fill(Evaluator& evaluator) const {
    std::uint64_t seed = 1;
    for (const auto& input : graph_.inputs()) {
      const bool operand = input.name[0] == 'x';
      const auto k = static_cast<std::size_t>(std::stoi(input.name.substr(1)));
      const auto& type = input.value.type();
      evaluator.set(input.name, operand ? random_reals(type, example_.operands[k].low,
                                                       example_.operands[k].high, ++seed)
                                        : random_reals(type, -1, 1, ++seed));
    }
  }

  void check_operand(Evaluator& evaluator, std::size_t k) const {
    const auto name = fmt::format("x{}", floating_[k]);
    const Reals first = evaluator.output(fmt::format("first{}", k));
    const Reals second = evaluator.output(fmt::format("second{}", k));
    for (std::size_t i = 0; i < first.size(); ++i) {
      const double by_value = evaluator.slope("s", name, i, kStep);
      const double by_first = evaluator.slope("along", name, i, kStep);
      EXPECT_NEAR(first[i], by_value, kTolerance * std::max(1.0, std::abs(by_value)))
          << "first derivative, " << name << '[' << i << ']';
      EXPECT_NEAR(second[i], by_first, kTolerance * std::max(1.0, std::abs(by_first)))
          << "second derivative, " << name << '[' << i << ']';
    }
    evaluator.run();
  }

  const Example& example_;
  Graph graph_;
  std::vector<std::size_t> floating_;  // operands
  bool differentiable_ = false;
};

TEST(OpDerivatives, AgreeWithFiniteDifferencesAndWithTangents) {
  int checked = 0;
  const auto registry = builtin_ops();
  for (const Op* op : registry.all()) {
    if (dynamic_cast<const ConstantOp*>(op) != nullptr) continue;  // constant by definition
    int example_number = 0;
    for (const auto& example : op->examples()) {
      SCOPED_TRACE(fmt::format("{}, example {}", op->name(), example_number++));
      const DerivativeCase the_case(*op, example);
      if (!the_case.differentiable()) continue;
      the_case.check();
      ++checked;
    }
  }
  EXPECT_GT(checked, 25);
}

TEST(OpDerivatives, AreMadeOfRegisteredOperations) {
  const auto registry = builtin_ops();
  for (const Op* op : registry.all())
    for (const auto& example : op->examples()) {
      const DerivativeCase the_case(*op, example);
      for (const auto& node : the_case.graph().store().nodes())
        EXPECT_EQ(registry.find(node.op->name()), node.op) << node.op->name();
    }
}

TEST(OpDerivatives, EveryOperationButTheInputGivesAnExample) {
  const auto registry = builtin_ops();
  for (const Op* op : registry.all())
    EXPECT_EQ(op->examples().empty(), op->name() == "input") << op->name();
}

}  // namespace
}  // namespace r1::ml
