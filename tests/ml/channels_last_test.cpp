// Images with channels last: the same numbers, computed without moving axes between convolutions.
// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/channels_last.hpp"

#include "ml/graph/op.hpp"
#include "ml/layers/activations.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/pool.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/grad.hpp"
#include "ml/passes/simplify.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string_view>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;

std::int64_t count(const Graph& graph, std::string_view op) {
  const auto nodes = graph.live_nodes();
  return std::count_if(nodes.begin(), nodes.end(),
                       [&](const Node* node) { return node->op->name() == op; });
}

void expect_same(const Graph& graph, const Graph& other) {
  Evaluator a(graph), b(other);
  for (auto* evaluator : {&a, &b}) {
    std::uint64_t seed = 0;
    for (const auto& input : graph.inputs())
      evaluator->set(input.name, random_reals(input.value.type(), -1, 1, ++seed));
    evaluator->run();
  }
  for (const auto& output : graph.outputs()) {
    const auto x = a.output(output.name), y = b.output(output.name);
    ASSERT_EQ(x.size(), y.size());
    for (std::size_t k = 0; k < x.size(); ++k)
      ASSERT_NEAR(x[k], y[k], 1e-12 * std::max(1.0, std::abs(x[k]))) << output.name;
  }
}

/// conv, bias, relu, conv with stride and padding, pool, and on request a sum with the image before it; then flat.
Graph small_net(const Type& image, bool residual) {
  Graph graph;
  const Value x = graph.input("x", image);
  const auto parameter = [&](const char* name, const Shape& shape) {
    return graph.input(name, {image.dtype, shape}, Role::parameter);
  };
  const Value w1 = parameter("w1", {6, image.shape[1], 3, 3}), b1 = parameter("b1", {6}),
              w2 = parameter("w2", {6, 6, 3, 3}), w3 = parameter("w3", {5, 6, 3, 2});
  const Value a =
      relu(conv(x, w1, ConvGeometry::of(x.shape(), w1.shape())) + reshape(b1, {6, 1, 1}));
  auto same = ConvGeometry::of(a.shape(), w2.shape());
  same.low = same.high = {1, 1};
  const Value b = conv(a, w2, same);
  const Value c = tanh(residual ? a + b : b);
  auto strided = ConvGeometry::of(c.shape(), w3.shape());
  strided.strides = {2, 1};
  strided.high = {1, 0};
  const Value d = conv(c, w3, strided);
  auto window = ConvGeometry::of(d.shape(), {1, 1, 2, 3});
  window.strides = {2, 2};
  window.low = {1, 0};
  const Value pooled = max_pool(d, window);
  const Value flat =
      reshape(pooled, {pooled.shape()[0], pooled.shape().elements() / pooled.shape()[0]});
  const Value loss = sum(square(flat)) + sum(square(mean(c, {2, 3})));
  graph.output("loss", loss);
  const Values wrt{x, w1, b1, w2, w3};
  const Values slopes = gradients(loss, wrt);
  for (std::size_t k = 0; k < wrt.size(); ++k)
    graph.output("gradient " + std::to_string(k), slopes[k]);
  return graph;
}

TEST(ChannelsLast, GivesTheSameNumbers) {
  for (const bool residual : {false, true})
    for (const std::int64_t channels : {1, 3}) {
      const Graph graph = small_net({Dtype::f64, {2, channels, 9, 8}}, residual);
      expect_same(graph, simplify(images_with_channels_last(graph)));
    }
}

TEST(ChannelsLast, MovesAxesAtTheBordersAlone) {
  const Graph graph = small_net({Dtype::f64, {2, 3, 9, 8}}, true);
  const Graph last = simplify(images_with_channels_last(graph));
  // x, its gradient, the flat result and its gradient
  EXPECT_EQ(count(last, "permute"), 4) << dump(last);
  const Graph grey =
      simplify(images_with_channels_last(small_net({Dtype::f64, {2, 1, 9, 8}}, true)));
  EXPECT_LE(count(grey, "permute"), 3) << dump(grey);
}

/// The kernel that sums in the order of a window against the one that scatters.
TEST(ChannelsLast, PoolsWindowsThatOverlap) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f64, {2, 70, 7, 6}});
  auto window = ConvGeometry::of(x.shape(), {1, 1, 3, 2});
  window.low = window.high = {1, 1};
  window.dilation = {2, 1};
  const Value y = max_pool(x, window);
  graph.output("y", y);
  graph.output("gradient", gradients(sum(y * y * y), {x})[0]);
  expect_same(graph, images_with_channels_last(graph));
}

}  // namespace
}  // namespace r1::ml
