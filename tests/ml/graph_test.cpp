// Interning, types, errors, text.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/graph.hpp"

#include "core/error.hpp"
#include "ml/graph/shape_error.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/slice.hpp"
#include "ml/ops/transcendental.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace r1::ml {
namespace {

const Type kMatrix{Dtype::f32, {2, 3}};

std::string message_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const ShapeError& error) {
    return error.what();
  }
  return "no ShapeError";
}

TEST(Graph, TheSameOperationOnTheSameOperandsIsOneNode) {
  Graph graph;
  const Value x = graph.input("x", kMatrix), y = graph.input("y", kMatrix);
  EXPECT_EQ(x * y, x * y);
  EXPECT_FALSE(x * y == y * x);
  EXPECT_EQ(x + 2.0, x + 2.0);
}

TEST(Graph, NeutralElementsLeaveNoNode) {
  Graph graph;
  const Value x = graph.input("x", kMatrix);
  EXPECT_EQ(x * 1.0, x);
  EXPECT_EQ(x + 0.0, x);
  EXPECT_EQ(slice_axis(x, 1, 0, 3), x);
  EXPECT_EQ(cast(x, Dtype::f32), x);
  EXPECT_EQ(broadcast_to(x, {2, 3}), x);
}

TEST(Graph, BroadcastsAsNumPyDoes) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {4, 1, 3}}),
              y = graph.input("y", {Dtype::f32, {5, 1}});
  EXPECT_EQ((x + y).shape(), (Shape{4, 5, 3}));
}

TEST(Graph, ErrorsShowBothSidesAndThePlace) {
  Graph graph;
  const Value x = graph.input("x", kMatrix), y = graph.input("y", {Dtype::f32, {4, 5}});
  const Scope layer(graph.store(), "layer 2"), linear(graph.store(), "linear");
  const auto product = message_of([&] { matmul(x, y); });
  EXPECT_NE(product.find("f32(2, 3)"), std::string::npos) << product;
  EXPECT_NE(product.find("f32(4, 5)"), std::string::npos) << product;
  const auto cut = message_of([&] { slice_axis(x, 1, 2, 7); });
  EXPECT_NE(cut.find("layer 2 / linear: slice: from 2 to 7"), std::string::npos) << cut;
  const auto mixed = message_of([&] { x + cast(x, Dtype::f64); });
  EXPECT_NE(mixed.find("f32(2, 3) and f64(2, 3)"), std::string::npos) << mixed;
}

TEST(Graph, ANodeThatIsRefusedLeavesTheGraphAsItWas) {
  Graph graph;
  const Value x = graph.input("x", kMatrix);
  EXPECT_THROW(slice_axis(x, 1, 2, 7), ShapeError);
  EXPECT_EQ(graph.store().nodes().size(), 1U);
  EXPECT_EQ((x * x).node->id, 1);
}

TEST(Graph, NamesAreUniqueAndKnown) {
  Graph graph;
  const Value x = graph.input("x", kMatrix);
  EXPECT_THROW(graph.input("x", kMatrix), Error);
  EXPECT_THROW(graph.update("x", x), Error);  // no state
  EXPECT_THROW(graph.input_named("y"), Error);
  graph.input("w", kMatrix, Role::parameter);
  EXPECT_THROW(graph.update("w", sum(x)), ShapeError);
  graph.update("w", x + 1.0);
  EXPECT_THROW(graph.update("w", x), Error);
}

TEST(Graph, PartialSumsOverRanksAreNotTakenForWhole) {
  Graph graph;
  const Value whole = graph.input("whole", kMatrix);
  const Value part = graph.input("part", {Dtype::f32, {2, 3}, Spread::partial});
  EXPECT_EQ((part + part).type().spread, Spread::partial);
  EXPECT_EQ((part * whole).type().spread, Spread::partial);
  EXPECT_EQ(sum(part).type().spread, Spread::partial);
  EXPECT_THROW(part * part, ShapeError);
  EXPECT_THROW(part + whole, ShapeError);
  EXPECT_THROW(exp(part), ShapeError);
}

TEST(Graph, TextSaysAll) {
  Graph graph;
  const Value x = graph.input("x", kMatrix);
  Value y;
  {
    const Scope scope(graph.store(), "layer 1");
    y = exp(sum_keeping(x, {1}));
  }
  graph.output("y", y);
  EXPECT_EQ(dump(graph),
            "%0 = input {dtype=f32 name=\"x\" shape=[2, 3] spread=0} : f32(2, 3)\n"
            "%1 = reduce_sum %0 {axes=[1] dtype=f32} : f32(2,)  # layer 1\n"
            "%2 = reshape %1 {shape=[2, 1]} : f32(2, 1)  # layer 1\n"
            "%3 = exp %2 : f32(2, 1)  # layer 1\n"
            "data \"x\" = %0\n"
            "output \"y\" = %3\n");
}

TEST(Shape, RefusesWhatDoesNotFitInMemory) {
  EXPECT_THROW(Shape({1LL << 40, 1LL << 40}), ShapeError);
  EXPECT_THROW(Shape({-1}), ShapeError);
  EXPECT_THROW(Shape({1, 1, 1, 1, 1, 1, 1, 1, 1}), ShapeError);
  EXPECT_EQ(Shape({3, 0}).elements(), 0);
}

}  // namespace
}  // namespace r1::ml
