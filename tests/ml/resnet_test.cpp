// Residual networks: their sizes, their gradients, and that they learn.
// SPDX-License-Identifier: Apache-2.0
#include "ml/models/model.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/softmax_cross_entropy.hpp"
#include "ml/passes/grad.hpp"
#include "ml/train/plans.hpp"
#include "tests/ml/evaluate.hpp"
#include "tests/ml/made.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::made;
using test::random_reals;
using test::Reals;

std::unique_ptr<Layer> resnet(const std::string& options, std::int64_t classes) {
  return made(builtin_models(), "resnet: {" + options + "}", ModelContext{classes});
}

TEST(Resnet, HasAsManyParametersAsPublished) {
  // Those of torchvision's models, https://docs.pytorch.org/vision/stable/models.html (num_params).
  const std::pair<int, std::int64_t> published[] = {
      {18, 11689512}, {34, 21797672}, {50, 25557032}, {101, 44549160}, {152, 60192808}};
  for (const auto& [depth, count] : published) {
    Graph graph;
    ModelTrace trace(graph, Mode::evaluation);
    const Value logits = resnet("depth: " + std::to_string(depth), 1000)
                             ->build(trace, graph.input("x", {Dtype::f32, {1, 3, 224, 224}}));
    EXPECT_EQ(logits.shape(), (Shape{1, 1000}));
    std::int64_t sum = 0;
    for (const auto& p : trace.parameters()) {
      sum += p.type.shape.elements();
      EXPECT_EQ(p.decay == Decay::yes, p.type.shape.rank() > 1) << p.name;
    }
    EXPECT_EQ(sum, count) << depth;
  }
}

TEST(Resnet, BeginsWithKernelsByTheirOutputs) {
  Graph graph;
  ModelTrace trace(graph, Mode::training);
  resnet("depth: 18, stem: small", 3)->build(trace, graph.input("x", {Dtype::f32, {2, 3, 8, 8}}));
  const auto& kernel = trace.parameters()[0];
  ASSERT_EQ(kernel.name, "stem.conv.weight");
  EXPECT_EQ(kernel.type.shape, (Shape{64, 3, 3, 3}));
  double squares = 0;
  const auto values = initial_values(kernel, 1);
  for (const double v : values) squares += v * v;
  const auto count = static_cast<double>(values.size());
  const double variance = 2.0 / (64 * 9);
  EXPECT_NEAR(squares / count, variance, 5 * variance * std::sqrt(2 / count));
}

/// The loss of a resnet on images of 16 by 16, in fp64.
struct Traced {
  Graph graph;
  std::vector<Parameter> parameters;
  Value loss;

  explicit Traced(const std::string& options) {
    const Type x{Dtype::f64, {4, 2, 16, 16}};
    ModelTrace trace(graph, Mode::training);
    const Value logits = resnet(options, 3)->build(trace, graph.input("x", x));
    loss = sum(softmax_cross_entropy(logits, graph.input("y", {Dtype::i32, {4}})));
    parameters = trace.parameters();
    graph.output("loss", loss);
  }
  void fill(Evaluator& evaluator) const {
    evaluator.set("x", random_reals({Dtype::f64, {4, 2, 16, 16}}, -1, 1, 5));
    evaluator.set("y", {0, 2, 1, 1});
    for (const auto& p : parameters) evaluator.set(p.name, initial_values(p, 3));
  }
};

TEST(Resnet, GradientsAgreeWithFiniteDifferences) {
  const std::pair<const char*, std::vector<const char*>> cases[] = {
      {"depth: 18",
       {"stem.conv.weight", "stage1.1.norm2.scale", "stage2.0.projection.conv.weight",
        "stage4.1.conv2.weight", "head.bias"}},
      // Of the last stage: with four values a channel, small changes further ahead grow from block to block until they cross kinks.
      {"depth: 50", {"stage4.0.conv2.weight", "stage4.0.projection.norm.scale", "head.weight"}}};
  for (const auto& [options, names] : cases) {
    SCOPED_TRACE(options);
    Traced gradient(options);
    const Traced value(options);
    for (const auto* name : names)
      gradient.graph.output(std::string("d ") + name,
                            gradients(gradient.loss, {gradient.graph.input_named(name).value})[0]);
    Evaluator derivative(gradient.graph), difference(value.graph);
    gradient.fill(derivative);
    value.fill(difference);
    derivative.run();
    for (const auto* name : names) {
      const Reals d = derivative.output(std::string("d ") + name);
      const auto k = d.size() / 3;
      const double slope = difference.slope("loss", name, k, 1e-6);
      EXPECT_NEAR(d[k], slope, 1e-6 * (1 + std::abs(slope))) << name;
    }
  }
}

TEST(Resnet, LearnsMadeImages) {
  Recipe recipe;
  recipe.model = resnet("depth: 18, stem: small", 2);
  recipe.loss = made(builtin_losses(), "cross_entropy: {}", LossContext{});
  recipe.optimizer = made(builtin_optimizers(), "sgd: {momentum: 0.9}", OptimizerContext{});
  recipe.x = {Dtype::f32, {1, 8, 8}};
  recipe.y = {Dtype::i32, {}};
  // Noise; images of the second class are brighter above than below.
  constexpr std::size_t kSamples = 8, kPixels = 64;
  std::vector<float> x;
  std::vector<std::int32_t> y;
  const Reals noise = random_reals({Dtype::f32, {kSamples, kPixels}}, -1, 1, 6);
  for (std::size_t k = 0; k < noise.size(); ++k) {
    if (k % kPixels == 0) y.push_back(k / kPixels % 2);
    const double bright = y.back() == 1 ? (k % kPixels < kPixels / 2 ? 0.5 : -0.5) : 0.0;
    x.push_back(static_cast<float>(noise[k] + bright));
  }
  Batch batch;
  const auto bytes = [](const auto& values) {
    const auto all = std::as_bytes(std::span(values));
    return std::vector<std::byte>(all.begin(), all.end());
  };
  batch.x = bytes(x);
  batch.y = bytes(y);
  for (std::size_t k = 0; k < kSamples; ++k) batch.samples.push_back(static_cast<std::int64_t>(k));
  TrainingPlans plans(recipe, kSamples, 1, 1);
  auto& loss = plans.state().tensor(state_name::kLoss, {Dtype::f32, {}});
  std::vector<float> losses;
  for (int step = 0; step < 12; ++step) {
    loss.set(std::vector<float>{0});
    plans.step(Exec(), batch, 0.01);
    Exec().fence();
    losses.push_back(loss.to_host<float>()[0]);
  }
  EXPECT_GT(losses.front(), 0.4);
  EXPECT_LT(losses.back(), losses.front() / 4);
}

}  // namespace
}  // namespace r1::ml
