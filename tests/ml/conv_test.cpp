// Convolutions of fp32, which a library computes, against those of fp64, which are written out; and these against a hand-made case.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/conv.hpp"

#include "ml/graph/op.hpp"
#include "ml/graph/shape_error.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/leaves.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/pool.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/passes/grad.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using test::Reals;

struct Case {
  Shape x, w;
  Integers low, high, strides, dilation;
  std::int64_t groups;
  ImageOrder order = ImageOrder::channels_first;
};

ConvGeometry geometry_of(const Case& c) {
  auto g = ConvGeometry::of(c.x, c.w);
  g.order = c.order;
  g.low = c.low;
  g.high = c.high;
  g.strides = c.strides;
  g.dilation = c.dilation;
  g.groups = c.groups;
  return g;
}

const Case kCases[] = {
    {{4, 3, 12, 10}, {8, 3, 3, 3}, {0, 0}, {0, 0}, {1, 1}, {1, 1}, 1},
    {{2, 16, 9, 9}, {32, 16, 3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}, 1},
    {{2, 6, 11, 8}, {4, 3, 3, 2}, {2, 0}, {1, 1}, {2, 3}, {1, 2}, 2},
    {{2, 8, 7, 7}, {8, 1, 3, 3}, {1, 1}, {1, 1}, {2, 2}, {1, 1}, 8},
    {{3, 4, 17}, {5, 4, 4}, {1}, {0}, {2}, {2}, 1},
    {{1, 2, 5, 6, 4}, {3, 2, 2, 3, 2}, {0, 1, 1}, {1, 0, 0}, {1, 2, 1}, {1, 1, 1}, 1},
    {{2, 3, 8, 8}, {4, 3, 1, 1}, {0, 0}, {0, 0}, {2, 2}, {1, 1}, 1},
};

/// (N, C, H, W) and (O, C, 3, 3) with padding, for the minimal algorithm: tiles and channels that do not fill blocks, several chunks.
Case tiled(const Shape& x, std::int64_t channels, const Integers& low, const Integers& high) {
  return {x, {channels, x[1], 3, 3}, low, high, {1, 1}, {1, 1}, 1, ImageOrder::channels_last};
}
const Case kTiledCases[] = {
    tiled({3, 32, 9, 11}, 48, {1, 1}, {1, 1}),   tiled({2, 64, 8, 8}, 80, {0, 0}, {0, 0}),
    tiled({5, 32, 7, 6}, 32, {2, 0}, {1, 2}),    tiled({1, 160, 4, 4}, 144, {1, 1}, {1, 1}),
    tiled({24, 32, 14, 13}, 32, {1, 1}, {1, 1}), tiled({1, 32, 3, 3}, 32, {0, 0}, {0, 0}),
};

/// y, and the derivatives of <y, v> by x and w.
std::vector<Reals> results_of(const Case& c, Dtype dtype) {
  const auto g = geometry_of(c);
  Graph graph;
  const Value x = graph.input("x", {dtype, c.x}), w = graph.input("w", {dtype, c.w});
  const Value y = conv(g.order == ImageOrder::channels_last ? channels_last(x) : x, w, g);
  const Value v = graph.input("v", y.type());
  const Values back = pull_back({y}, {v}, {x, w});
  graph.output("y", y);
  graph.output("dx", back[0]);
  graph.output("dw", back[1]);
  Evaluator evaluator(graph);
  evaluator.set("x", random_reals(x.type(), -1, 1, 1));
  evaluator.set("w", random_reals(w.type(), -1, 1, 2));
  evaluator.set("v", random_reals(v.type(), -1, 1, 3));
  evaluator.run();
  evaluator.run();  // nothing of the first is left over
  return {evaluator.output("y"), evaluator.output("dx"), evaluator.output("dw")};
}

/// fp32 against fp64, to `tolerance` of the largest value.
void expect_as_written_out(const Case& c, double tolerance) {
  const auto expected = results_of(c, Dtype::f64), found = results_of(c, Dtype::f32);
  for (std::size_t part = 0; part < 3; ++part) {
    ASSERT_EQ(found[part].size(), expected[part].size());
    double largest = 1;
    for (const double value : expected[part]) largest = std::max(largest, std::abs(value));
    for (std::size_t k = 0; k < found[part].size(); ++k)
      ASSERT_NEAR(found[part][k], expected[part][k], tolerance * largest)
          << c.x.text() << ' ' << c.w.text() << ", part " << part << ", element " << k;
  }
}

TEST(Conv, OfTheLibraryIsTheOneWrittenOut) {
  for (const auto& c : kCases) expect_as_written_out(c, 5e-6);
}

TEST(Conv, InTilesIsTheOneWrittenOut) {
  for (const auto& c : kTiledCases) expect_as_written_out(c, 5e-6);
}

TEST(Conv, IsACorrelation) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f64, {1, 1, 2, 3}}),
              w = graph.input("w", {Dtype::f64, {1, 1, 2, 2}});
  graph.output("y", conv(x, w, ConvGeometry::of(x.shape(), w.shape())));
  Evaluator evaluator(graph);
  evaluator.set("x", {1, 2, 3, 4, 5, 6});
  evaluator.set("w", {1, 10, 100, 1000});
  evaluator.run();
  EXPECT_EQ(evaluator.output("y"), (Reals{1 + 20 + 400 + 5000, 2 + 30 + 500 + 6000}));
}

TEST(Conv, SaysWhatDoesNotFit) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {1, 3, 4, 4}});
  const auto kernel = [&graph](const Shape& shape) {
    return graph.input(shape.text(), {Dtype::f32, shape});
  };
  const auto try_conv = [&](const Shape& w) { conv(x, kernel(w), ConvGeometry::of(x.shape(), w)); };
  EXPECT_THROW(try_conv({2, 4, 3, 3}), ShapeError);  // channels
  EXPECT_THROW(try_conv({2, 3, 5, 3}), ShapeError);  // larger than the image
  EXPECT_THROW(try_conv({2, 3, 3}), ShapeError);     // axes
}

TEST(Pool, MaximaAndMeansOfWindows) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {1, 2, 2, 4}});
  auto window = ConvGeometry::of(x.shape(), {1, 1, 2, 2});
  window.strides = {2, 2};
  const Value most = max_pool(x, window);
  graph.output("max", most);
  graph.output("mean", average_pool(x, window));
  graph.output("dx", gradients(sum(most), {x})[0]);
  Evaluator evaluator(graph);
  evaluator.set("x", {1, 5, 2, 2, 3, 4, 2, 2, -1, -2, -3, -4, -5, -6, -7, -8});
  evaluator.run();
  EXPECT_EQ(evaluator.output("max"), (Reals{5, 2, -1, -3}));
  EXPECT_EQ(evaluator.output("mean"), (Reals{3.25, 2, -3.5, -5.5}));
  EXPECT_EQ(evaluator.output("dx"), (Reals{0, 1, 1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0, 0}));
}

struct PooledActivation {
  Reals result, dx, db;
  std::int64_t largest_fused = 0;  // elements of the largest result of `select`
};

/// max_pool(relu(x + b)); `hidden`: behind a product with a number that is given, where nothing is known of it.
PooledActivation pooled_activation(bool hidden, const Reals& values) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {2, 3, 5, 6}}),
              b = graph.input("b", {Dtype::f32, {3}}), one = graph.input("one", {Dtype::f32, {}});
  const Value sum = x + reshape(b, {3, 1, 1}), zero = zeros_like(sum);
  const Value activated = select(sum <= zero, zero, sum);
  auto window = ConvGeometry::of(x.shape(), {1, 1, 3, 2});
  window.low = window.high = {1, 0};
  window.strides = {2, 2};
  const Value y = max_pool(hidden ? activated * one : activated, window);
  graph.output("y", y);
  const Value v = graph.input("v", y.type());
  const Values back = pull_back({y}, {v}, {x, b});
  graph.output("dx", back[0]);
  graph.output("db", back[1]);
  PooledActivation found;
  for (const Node* node : graph.live_nodes())
    if (node->op->name() == "select")
      found.largest_fused = std::max(found.largest_fused, node->result().shape().elements());
  Evaluator evaluator(graph);
  evaluator.set("x", values);
  evaluator.set("b", {0.25, -0.5, 0});
  evaluator.set("one", {1});
  evaluator.set("v", random_reals(v.type(), -1, 1, 2));
  evaluator.run();
  found.result = evaluator.output("y");
  found.dx = evaluator.output("dx");
  found.db = evaluator.output("db");
  return found;
}

TEST(Pool, ActivationsComeAfterIt) {
  const Type image{Dtype::f32, {2, 3, 5, 6}};
  const Reals values = random_reals(image, -1, 0.5, 1);
  const auto before = pooled_activation(true, values), after = pooled_activation(false, values);
  EXPECT_EQ(after.largest_fused, 2 * 3 * 3 * 3);
  EXPECT_EQ(before.largest_fused, 2 * 3 * 5 * 6);
  EXPECT_EQ(after.result, before.result);
  EXPECT_EQ(after.dx, before.dx);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_NEAR(after.db[k], before.db[k], 1e-6);
}

TEST(Pool, ANotANumberPassesThroughAnActivation) {
  Reals values = random_reals({Dtype::f32, {2, 3, 5, 6}}, -1, 1, 1);
  values[0] = std::nan("");
  for (const bool hidden : {true, false})
    EXPECT_TRUE(std::isnan(pooled_activation(hidden, values).result[0]));
}

TEST(Pool, PaddingIsNeverTheLargest) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f64, {1, 1, 3}});
  auto window = ConvGeometry::of(x.shape(), {1, 1, 2});
  window.low = window.high = {1};
  graph.output("max", max_pool(x, window));
  Evaluator evaluator(graph);
  evaluator.set("x", {-3, -1, -2});
  evaluator.run();
  EXPECT_EQ(evaluator.output("max"), (Reals{-3, -1, -1, -2}));
}

}  // namespace
}  // namespace r1::ml
