// Plans: updates in place, memory, several runs.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/plan.hpp"

#include "core/error.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/grad.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using test::Reals;

const Type kVector{Dtype::f64, {1000}};

TEST(Plan, UpdatesStateInPlace) {
  Graph graph;
  const Value w = graph.input("w", kVector, Role::parameter),
              m = graph.input("m", kVector, Role::state);
  const Value next = 0.9 * m + w;
  graph.update("m", next);
  graph.update("w", w - 0.1 * next);
  Evaluator evaluator(graph);
  EXPECT_EQ(evaluator.plan().copied_bytes(), 0U);
  evaluator.set("w", Reals(1000, 1));
  double expected_w = 1, expected_m = 0;
  for (int step = 0; step < 3; ++step) {
    evaluator.run();
    expected_m = 0.9 * expected_m + expected_w;
    expected_w = expected_w - 0.1 * expected_m;
    EXPECT_DOUBLE_EQ(evaluator.input("w")[999], expected_w);
    EXPECT_DOUBLE_EQ(evaluator.input("m")[0], expected_m);
  }
}

TEST(Plan, StatesThatChangePlacesDo) {
  Graph graph;
  const Value a = graph.input("a", kVector, Role::state),
              b = graph.input("b", kVector, Role::state);
  graph.update("a", b);
  graph.update("b", a);
  graph.output("before", a);
  Evaluator evaluator(graph);
  evaluator.set("a", Reals(1000, 1));
  evaluator.set("b", Reals(1000, 2));
  evaluator.run();
  EXPECT_EQ(evaluator.input("a")[500], 2);
  EXPECT_EQ(evaluator.input("b")[500], 1);
  EXPECT_EQ(evaluator.output("before")[500], 1);
}

TEST(Plan, AnOldValueThatIsStillReadIsNotOverwritten) {
  Graph graph;
  const Value w = graph.input("w", kVector, Role::state);
  const Value next = w + 1.0;
  graph.update("w", next);
  graph.output("ratio", exp(w) / exp(next));  // reads w after next is known
  Evaluator evaluator(graph);
  evaluator.run();
  evaluator.run();
  EXPECT_NEAR(evaluator.output("ratio")[7], std::exp(-1), 1e-15);
  EXPECT_EQ(evaluator.input("w")[7], 2);
}

TEST(Plan, AChainNeedsTheMemoryOfTwo) {
  Graph graph;
  Value x = graph.input("x", kVector);
  for (int k = 0; k < 20; ++k) x = tanh(x * 1.5);
  graph.output("y", x);
  const Plan plan(graph);
  EXPECT_LE(plan.arena_bytes(), 2 * 8192U);
}

TEST(Plan, TrainsAFit) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {64, 3}}),
              y = graph.input("y", {Dtype::f32, {64, 1}});
  const Value w = graph.input("w", {Dtype::f32, {3, 1}}, Role::parameter);
  const Value loss = mean(square(matmul(x, w) - y), {0, 1});
  graph.update("w", w - 0.5 * gradients(loss, {w})[0]);
  graph.output("loss", loss);
  Evaluator evaluator(graph);
  const Reals inputs = random_reals(x.type(), -1, 1, 1);
  Reals outputs;
  for (std::size_t k = 0; k < 64; ++k)
    outputs.push_back(2 * inputs[3 * k] - inputs[3 * k + 1] + 0.5 * inputs[3 * k + 2]);
  evaluator.set("x", inputs);
  evaluator.set("y", outputs);
  for (int step = 0; step < 100; ++step) evaluator.run();
  const Reals fitted = evaluator.input("w");
  EXPECT_NEAR(fitted[0], 2, 1e-4);
  EXPECT_NEAR(fitted[1], -1, 1e-4);
  EXPECT_NEAR(fitted[2], 0.5, 1e-4);
  EXPECT_LT(evaluator.output("loss")[0], 1e-8);
}

TEST(Plan, SaysWhatIsNotBoundOrDoesNotFit) {
  Graph graph;
  graph.output("y", exp(graph.input("x", kVector)));
  Plan plan(graph);
  EXPECT_THROW(plan.run(Exec()), Error);
  EXPECT_THROW(plan.bind("x", Tensor({Dtype::f64, {10}})), Error);
  EXPECT_THROW(plan.bind("z", Tensor(kVector)), Error);
  EXPECT_THROW(plan.output("z"), Error);
}

TEST(Plan, TwoPlansShareAnArena) {
  Graph graph;
  graph.output("y", exp(graph.input("x", kVector)));
  Plan one(graph), other(graph);
  const View<std::byte*> arena("arena", one.arena_bytes());
  const Tensor x(kVector);
  for (auto* plan : {&one, &other}) {
    plan->use_arena(arena);
    plan->bind("x", x);
    plan->run(Exec());
    Kokkos::fence();
    EXPECT_EQ(test::reals_of(plan->output("y"))[3], 1);
  }
}

}  // namespace
}  // namespace r1::ml
