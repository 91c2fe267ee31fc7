// Fusion changes how often memory is read and when things are computed, and no bit of a result.
// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/fuse.hpp"

#include "ml/graph/op.hpp"
#include "ml/layers/activations.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/concat.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/layer_norm.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/slice.hpp"
#include "ml/ops/softmax_cross_entropy.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/expand.hpp"
#include "ml/passes/grad.hpp"
#include "ml/passes/simplify.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;

std::int64_t count(const Graph& graph, std::string_view op) {
  const auto nodes = graph.live_nodes();
  return std::count_if(nodes.begin(), nodes.end(),
                       [op](const Node* node) { return node->op->name() == op; });
}

/// All outputs of both, of the same inputs; a second run sees the states of the first.
void expect_same(const Graph& graph, const Graph& other) {
  Evaluator a(graph), b(other);
  std::uint64_t seed = 1;
  for (const auto& input : graph.inputs()) {
    const auto values = random_reals(input.value.type(), 0.1, 3, seed++);
    a.set(input.name, values);
    b.set(input.name, values);
  }
  for (int run = 0; run < 2; ++run) {
    a.run();
    b.run();
    for (const auto& output : graph.outputs())
      EXPECT_EQ(a.output(output.name), b.output(output.name)) << output.name << ", run " << run;
  }
}

TEST(Fuse, MakesOneNodeOfAChain) {
  for (const Dtype dtype : {Dtype::f32, Dtype::f64}) {
    Graph graph;
    const Value x = graph.input("x", {dtype, {37, 91}}), y = graph.input("y", {dtype, {37, 91}});
    const Value z = max(x * y + 2.0, -x);
    graph.output("z", select(z < y, z, sqrt(exp(y) / z)));
    const Graph fused = fuse(graph);
    EXPECT_EQ(count(fused, "fused"), 1) << dump(fused);
    EXPECT_EQ(fused.live_nodes().size(), 3U) << dump(fused);
    expect_same(graph, fused);
  }
}

TEST(Fuse, ReadsWhatIsRepeatedInItsPlace) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {5, 7, 600}});
  const Value row = graph.input("row", {Dtype::f32, {600}}),
              column = graph.input("column", {Dtype::f32, {5, 7, 1}}),
              channel = graph.input("channel", {Dtype::f32, {7, 1}}),
              one = graph.input("one", {Dtype::f32, {}}),
              outer = graph.input("outer", {Dtype::f32, {5, 1, 600}});
  graph.output("y", (x * row + column) * channel + one);
  graph.output("z", x + outer);  // repeats in the middle: has to be made
  const Graph fused = fuse(graph);
  EXPECT_EQ(count(fused, "broadcast"), 1) << dump(fused);
  expect_same(graph, fused);
}

TEST(Fuse, LeavesNoWayOutOfAGroupAndBackIntoIt) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {40, 40}});
  const Value a = exp(x) * 0.1;  // one group, if the product between were not needed in it
  const Value b = reshape(dot(reshape(a, {1, 40, 40}), reshape(x, {1, 40, 40})), {40, 40});
  const Value c = a + b, d = c * x;
  graph.output("d", d + mean_keeping(c, {1}));
  const Graph fused = fuse(graph);
  EXPECT_EQ(count(fused, "fused"), 4) << dump(fused);  // the mean is a column of its own
  expect_same(graph, fused);
}

/// An optimizer that waits for a sum over the gradient: what the sum does not need is computed with the rest, not stored before.
TEST(Fuse, ComputesWhatALaterChainNeedsThere) {
  Graph graph;
  const Type flat{Dtype::f32, {96}};
  const Value g = graph.input("g", flat);
  const Value v = graph.input("v", flat, Role::state), p = graph.input("p", flat, Role::parameter);
  const Value squares = g * g, next = 0.9 * v + 0.1 * squares;
  const Value ok =
      broadcast_to(sum(squares) < constant(graph.store(), 50.0, {Dtype::f32, {}}), flat.shape);
  graph.update("v", select(ok, next, v));
  graph.update("p", select(ok, p - g / sqrt(next + 0.1), p));
  const Graph fused = fuse(graph);
  EXPECT_EQ(count(fused, "fused"), 3) << dump(fused);  // the squares, the comparison, all else
  expect_same(graph, fused);
}

TEST(Fuse, KeepsAStepOfTrainingToTheBit) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {6, 33}});
  const Value w = graph.input("w", {Dtype::f32, {33, 5}}, Role::parameter);
  const Value scale = graph.input("scale", {Dtype::f32, {33}}, Role::parameter);
  const Value labels = graph.input("labels", {Dtype::i32, {6}});
  const Value h = gelu(layer_norm(x, scale, Value()));
  const Value loss = mean(softmax_cross_entropy(matmul(h, w), labels, 0.1), {0});
  const Values g = gradients(loss, {w, scale});
  graph.update("w", w - 0.1 * g[0]);
  graph.update("scale", scale - 0.1 * g[1]);
  graph.output("loss", loss);
  const Graph fused = fuse(graph), composed = expanded(graph), fused_composed = fuse(composed);
  EXPECT_LT(fused_composed.live_nodes().size(), composed.live_nodes().size() / 2);
  expect_same(graph, fused);
  expect_same(composed, fused_composed);
  EXPECT_EQ(Evaluator(fused).plan().copied_bytes(), 0U);
}

TEST(Fuse, PartsOfFlatBuffersAreReadAndWrittenInTheirPlace) {
  Graph graph;
  const Value flat = graph.input("flat", {Dtype::f32, {96}}, Role::parameter);
  const Value a = reshape(slice_axis(flat, 0, 0, 64), {8, 8}), b = slice_axis(flat, 0, 64, 96);
  const Value x = graph.input("x", {Dtype::f32, {8, 8}});
  const Value loss = sum(square(matmul(x, a))) + sum(exp(b));
  const Values g = gradients(loss, {a, b});
  const Value whole = concat({reshape(g[0], {64}), g[1]}, 0);
  graph.update("flat", flat - 0.01 * whole);
  graph.output("loss", loss);
  const Graph fused = fuse(graph);
  expect_same(graph, fused);
  Evaluator evaluator(fused);
  for (const auto& step : evaluator.plan().steps())
    EXPECT_TRUE(step.op != std::string("copy") && step.op != std::string("concat") &&
                step.op != std::string("slice"))
        << step.op;
}

TEST(Simplify, ProductsTransposeWhatTheyRead) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f64, {3, 4, 5}}),
              w = graph.input("w", {Dtype::f64, {7, 5}});
  const Value y = matmul(x, transpose(w));  // (3, 4, 7)
  graph.output("y", y);
  graph.output("z", matmul(permute(y, {0, 2, 1}), x));
  graph.output("p", permute(permute(x, {2, 0, 1}), {1, 2, 0}));
  const Graph simple = simplify(graph);
  EXPECT_EQ(count(simple, "permute"), 0) << dump(simple);
  Evaluator a(graph), b(simple);
  for (const auto& input : graph.inputs()) {
    const auto values = random_reals(input.value.type(), -1, 1, 5);
    a.set(input.name, values);
    b.set(input.name, values);
  }
  a.run();
  b.run();
  for (const char* name : {"y", "z", "p"}) {
    const auto p = a.output(name), q = b.output(name);
    for (std::size_t k = 0; k < p.size(); ++k) EXPECT_NEAR(p[k], q[k], 1e-14) << name;
  }
}

}  // namespace
}  // namespace r1::ml
