// Constant folding: what is made of constants becomes one, with the bits that it had; the rest stays.
// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/fold.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/collectives.hpp"
#include "ml/ops/concat.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/random.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/optimize.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;

std::int64_t count(const Graph& graph, std::string_view op) {
  const auto nodes = graph.live_nodes();
  return std::count_if(nodes.begin(), nodes.end(),
                       [op](const Node* node) { return node->op->name() == op; });
}

const Type kMatrix{Dtype::f32, {3, 5}};

/// A table that functions, a product and a split make of constants, times x; a causal mask on it.
Graph of_constants() {
  Graph graph;
  const Value x = graph.input("x", kMatrix);
  const Value row = iota(x, Dtype::f32, kMatrix.shape, 0),
              column = iota(x, Dtype::f32, kMatrix.shape, 1);
  const Value table = exp(sin(row * 0.3) / (1.0 + column));
  const Value squares = matmul(table, transpose(table));  // (3, 3)
  const Value scale = sum_keeping(split(squares, 1, {1, 2})[1], {1});
  graph.output("y", select(column <= row, x * scale, table));
  return graph;
}

TEST(Fold, ComputesOnceWithTheSameBits) {
  const Graph graph = of_constants();
  const Graph folded = fold(graph);
  for (const char* op : {"exp", "sin", "dot", "split", "less_equal", "iota", "reduce_sum"}) {
    EXPECT_GT(count(graph, op), 0) << op;
    EXPECT_EQ(count(folded, op), 0) << op;
  }
  EXPECT_EQ(count(folded, "mul"), 1);
  EXPECT_EQ(count(optimized(graph), "exp"), 0);
  Evaluator a(graph), b(folded), c(optimized(graph));
  for (auto* evaluator : {&a, &b, &c}) {
    evaluator->set("x", random_reals(kMatrix, -1, 1, 1));
    evaluator->run();
  }
  EXPECT_EQ(a.output("y"), b.output("y"));
  // A pass turns the product round; the library of a GPU may sum that in another order.
  const auto y = a.output("y"), turned = c.output("y");
  for (std::size_t k = 0; k < y.size(); ++k)
    EXPECT_NEAR(turned[k], y[k], kDeviceIsHost ? 0 : 1e-5 * std::abs(y[k]));
}

TEST(Fold, EqualValuesBecomeOne) {
  Graph graph;
  const Value x = graph.input("x", kMatrix);
  const Value zero = constant(graph.store(), Reals(15, 0.0), kMatrix);
  graph.output("y", x * cos(zero));
  const Graph folded = fold(graph);
  ASSERT_EQ(count(folded, "mul"), 1);
  const auto nodes = folded.live_nodes();
  EXPECT_EQ(splat_of(nodes.back()->operands[1]), 1.0);
}

TEST(Fold, OutputsAndUpdatesMayBeConstants) {
  Graph graph;
  const Value state = graph.input("state", {Dtype::i64, {2}}, Role::state);
  const Value two = constant(graph.store(), Reals{2, 3}, state.type());
  graph.update("state", two * two);
  graph.output("minus", -two);
  const Graph folded = fold(graph);
  EXPECT_EQ(count(folded, "mul") + count(folded, "neg"), 0);
  Evaluator evaluator(folded);
  evaluator.run();
  EXPECT_EQ(evaluator.input("state"), (test::Reals{4, 9}));
  EXPECT_EQ(evaluator.output("minus"), (test::Reals{-2, -3}));
}

TEST(Fold, LeavesTheRest) {
  Graph graph;
  auto& store = graph.store();
  const Type whole{Dtype::i64, {}};
  const Value seed = constant(store, 1, whole), samples = constant(store, 1, {Dtype::i64, {2}});
  graph.output("random", random_bits({seed, seed, samples}, 1, {3}));
  const Value part = constant(store, 1, {Dtype::f64, {2}, Spread::partial});
  graph.output("exchanged", all_reduce(part, 2));
  const Value large = constant(store, 2, {Dtype::f64, {(1 << 17) + 1}});
  graph.output("large", exp(large));
  const Value table = constant(store, Reals{1, 2}, {Dtype::f64, {2}});
  graph.output("repeated", broadcast(exp(table), {0}, {100}));
  const Value big = constant(store, 0x1p52, whole);
  graph.output("no double", big * 4.0);
  const Graph folded = fold(graph);
  for (const char* op : {"random_bits", "all_reduce", "broadcast", "mul"})
    EXPECT_EQ(count(folded, op), 1) << op;
  EXPECT_EQ(count(folded, "exp"), 1);  // of the large one
}

}  // namespace
}  // namespace r1::ml
