// Gradients of composed graphs: closed forms, intermediate values, forces in a loss.
// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/grad.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using test::Reals;

const Type kScalar{Dtype::f64, {}};

TEST(Gradients, OfAnyOrder) {
  Graph graph;
  const Value x = graph.input("x", kScalar);
  Value y = exp(2.0 * x);
  for (int order = 1; order <= 4; ++order) {
    y = gradients(y, {x})[0];
    graph.output(std::to_string(order), y);
  }
  Evaluator evaluator(graph);
  evaluator.set("x", {0.3});
  evaluator.run();
  for (int order = 1; order <= 4; ++order)
    EXPECT_NEAR(evaluator.output(std::to_string(order))[0], std::pow(2, order) * std::exp(0.6),
                1e-12);
}

TEST(Gradients, OfAValueOnTheWayAreTotal) {
  Graph graph;
  const Value x = graph.input("x", kScalar);
  const Value y = x * x;
  const Value loss = y * x;
  const Values total = gradients(loss, {x, y});
  const Values partial = pull_back_to({loss}, {constant_like(loss, 1.0)}, {x, y});
  graph.output("dx", total[0]);
  graph.output("dy", total[1]);
  graph.output("partial", partial[0]);
  Evaluator evaluator(graph);
  evaluator.set("x", {3});
  evaluator.run();
  EXPECT_DOUBLE_EQ(evaluator.output("dx")[0], 27);
  EXPECT_DOUBLE_EQ(evaluator.output("dy")[0], 3);
  EXPECT_DOUBLE_EQ(evaluator.output("partial")[0], 9);
}

TEST(Gradients, AreZeroWhereNothingFlows) {
  Graph graph;
  const Value x = graph.input("x", kScalar), other = graph.input("other", {Dtype::f64, {2}});
  graph.output("d", gradients(x * x, {other})[0]);
  Evaluator evaluator(graph);
  evaluator.run();
  EXPECT_EQ(evaluator.output("d"), (Reals{0, 0}));
}

TEST(Gradients, RefuseALossThatIsNoScalar) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f64, {2}});
  EXPECT_THROW(gradients(x, {x}), ShapeError);
}

/// Particles on a line with pair terms through a small network: E = sum over pairs of w2 . tanh(w1 (r^2, 1)).
struct PairModel {
  static constexpr std::int64_t kAtoms = 5, kPairs = 10, kUnits = 6;
  Graph graph;
  Value positions, w1, w2, energy, forces, loss;

  PairModel() {
    positions = graph.input("positions", {Dtype::f64, {kAtoms, 3}});
    const Value first = graph.input("first", {Dtype::i32, {kPairs}});
    const Value second = graph.input("second", {Dtype::i32, {kPairs}});
    w1 = graph.input("w1", {Dtype::f64, {1, kUnits}}, Role::parameter);
    w2 = graph.input("w2", {Dtype::f64, {kUnits, 1}}, Role::parameter);
    const Value target = graph.input("target", {Dtype::f64, {kAtoms, 3}});
    const Value between = gather(positions, second) - gather(positions, first);
    const Value r2 = reshape(reduce_sum(square(between), {1}), {kPairs, 1});
    energy = sum(matmul(tanh(matmul(r2, w1)), w2));
    forces = -gradients(energy, {positions})[0];
    loss = sum(square(forces - target)) + 0.1 * square(energy);
  }

  void fill(Evaluator& evaluator) const {
    Reals first, second;
    for (int a = 0; a < kAtoms; ++a)
      for (int b = a + 1; b < kAtoms; ++b) {
        first.push_back(a);
        second.push_back(b);
      }
    evaluator.set("first", first);
    evaluator.set("second", second);
    evaluator.set("positions", random_reals(positions.type(), -1, 1, 1));
    evaluator.set("w1", random_reals(w1.type(), -1, 1, 2));
    evaluator.set("w2", random_reals(w2.type(), -1, 1, 3));
    evaluator.set("target", random_reals(positions.type(), -1, 1, 4));
  }
};

TEST(Gradients, OfALossOnForcesReverseOverForwardIsReverseOverReverse) {
  PairModel model;
  const Value inner = gradients(model.energy, {model.positions})[0];  // the node of the forces
  const Values wrt{model.w1, model.w2};
  const Values reverse = gradients(model.loss, wrt);
  const Values mixed =
      gradients_reverse_over_forward(model.loss, {model.energy, {model.positions}, {inner}}, wrt);
  model.graph.output("loss", model.loss);
  for (const std::size_t k : {0U, 1U}) {
    model.graph.output("reverse" + std::to_string(k), reverse[k]);
    model.graph.output("mixed" + std::to_string(k), mixed[k]);
  }
  Evaluator evaluator(model.graph);
  model.fill(evaluator);
  evaluator.run();
  for (const std::size_t k : {0U, 1U}) {
    const std::string name = k == 0 ? "w1" : "w2";
    const Reals a = evaluator.output("reverse" + std::to_string(k));
    const Reals b = evaluator.output("mixed" + std::to_string(k));
    for (std::size_t i = 0; i < a.size(); ++i) {
      EXPECT_NEAR(a[i], b[i], 1e-10 * std::max(1.0, std::abs(a[i])));
      const double difference = evaluator.slope("loss", name, i, 1e-5);
      EXPECT_NEAR(a[i], difference, 1e-6 * std::max(1.0, std::abs(difference)));
    }
    evaluator.run();
  }
}

TEST(Gradients, ForcesAddUpToZeroAndAreMinusTheGradient) {
  PairModel model;
  model.graph.output("energy", model.energy);
  model.graph.output("forces", model.forces);
  Evaluator evaluator(model.graph);
  model.fill(evaluator);
  evaluator.run();
  const Reals forces = evaluator.output("forces");
  for (std::size_t axis = 0; axis < 3; ++axis) {
    double total = 0;
    for (std::size_t atom = 0; atom < PairModel::kAtoms; ++atom) total += forces[3 * atom + axis];
    EXPECT_NEAR(total, 0, 1e-14);
  }
}

// A parameter is often a part of a buffer, reshaped; what uses it reshapes it again.
TEST(Grad, ReachesAValueThatIsReshapedOnItsWay) {
  Graph graph;
  const Value flat = graph.input("flat", {Dtype::f64, {6}});
  const Value matrix = reshape(flat, {2, 3});
  const Value loss = sum(square(reshape(matrix, {3, 2})));
  graph.output("g", gradients(loss, {matrix})[0]);
  Evaluator evaluator(graph);
  evaluator.set("flat", {1, 2, 3, 4, 5, 6});
  evaluator.run();
  EXPECT_EQ(evaluator.output("g"), (Reals{2, 4, 6, 8, 10, 12}));
}

}  // namespace
}  // namespace r1::ml
