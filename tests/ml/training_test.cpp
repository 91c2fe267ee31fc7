// Losses and optimizers against their formulas; and a model that learns digits.
// SPDX-License-Identifier: Apache-2.0
#include "ml/data/idx.hpp"
#include "ml/layers/layer.hpp"
#include "ml/losses/cross_entropy.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/softmax_cross_entropy.hpp"
#include "ml/optim/optimizer.hpp"
#include "ml/passes/grad.hpp"
#include "tests/ml/evaluate.hpp"
#include "tests/ml/made.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::made;
using test::random_reals;
using test::Reals;

TEST(CrossEntropy, IsMinusTheLogarithmOfTheSoftmax) {
  Graph graph;
  const Value z = graph.input("z", {Dtype::f64, {3, 4}}), y = graph.input("y", {Dtype::i32, {3}});
  graph.output("plain", softmax_cross_entropy(z, y));
  graph.output("smooth", softmax_cross_entropy(z, y, 0.1));
  graph.output("right", is_right(z, y));
  Evaluator evaluator(graph);
  const Reals logits{1, 2, 3, 4, 0, 0, 0, 0, 1000, -1000, 5, 2}, labels{3, 1, 2};
  evaluator.set("z", logits);
  evaluator.set("y", labels);
  evaluator.run();
  for (std::size_t n = 0; n < 3; ++n) {
    double most = -1e9, sum = 0, all = 0;
    for (std::size_t c = 0; c < 4; ++c) most = std::max(most, logits[4 * n + c]);
    for (std::size_t c = 0; c < 4; ++c) sum += std::exp(logits[4 * n + c] - most);
    for (std::size_t c = 0; c < 4; ++c) all += logits[4 * n + c] - most - std::log(sum);
    const double own = logits[4 * n + static_cast<std::size_t>(labels[n])] - most - std::log(sum);
    EXPECT_NEAR(evaluator.output("plain")[n], -own, 1e-12);
    EXPECT_NEAR(evaluator.output("smooth")[n], -0.9 * own - 0.1 * all / 4, 1e-12);
  }
  EXPECT_EQ(evaluator.output("right"), (Reals{1, 0, 0}));
}

/// `steps` of an optimizer on p of one element whose gradient is 2 p; what p becomes.
double optimized(const std::string& yaml, int steps, Decay decay) {
  const auto optimizer = made(builtin_optimizers(), yaml, OptimizerContext{});
  Graph graph;
  const Value p = graph.input("p", {Dtype::f64, {1}}, Role::parameter);
  const Value rate = graph.input("rate", {Dtype::f64, {}});
  optimizer->update(graph, {{"p", p.type(), {}, decay}}, gradients(sum(p * p), {p}) /* 2 p */, rate,
                    Value());
  Evaluator evaluator(graph);
  EXPECT_EQ(evaluator.plan().copied_bytes(), 0U);
  evaluator.set("p", {0.8});
  evaluator.set("rate", {0.1});
  for (int step = 0; step < steps; ++step) evaluator.run();
  return evaluator.input("p")[0];
}

double adam(int steps, double decay, bool decay_in_gradient) {
  double p = 0.8, m = 0, v = 0;
  for (int t = 1; t <= steps; ++t) {
    double g = 2 * p;
    if (decay_in_gradient) g += decay * p;
    m = 0.9 * m + 0.1 * g;
    v = 0.99 * v + 0.01 * g * g;
    const double direction =
        m / (1 - std::pow(0.9, t)) / (std::sqrt(v / (1 - std::pow(0.99, t))) + 1e-8);
    p -= 0.1 * (direction + (decay_in_gradient ? 0 : decay * p));
  }
  return p;
}

TEST(Optimizers, FollowTheirFormulas) {
  const std::string betas = "betas: [0.9, 0.99], weight_decay: 0.3";
  EXPECT_NEAR(optimized("adamw: {" + betas + "}", 5, Decay::yes), adam(5, 0.3, false), 1e-14);
  EXPECT_NEAR(optimized("adamw: {" + betas + "}", 5, Decay::no), adam(5, 0, false), 1e-14);
  EXPECT_NEAR(optimized("adam: {" + betas + "}", 5, Decay::yes), adam(5, 0.3, true), 1e-14);
  double p = 0.8, nesterov = 0.8, v = 0, w = 0;
  for (int t = 0; t < 4; ++t) {
    v = 0.9 * v + 2 * p + 0.1 * p;
    p -= 0.1 * v;
    const double g = 2 * nesterov;
    w = 0.9 * w + g;
    nesterov -= 0.1 * (g + 0.9 * w);
  }
  EXPECT_NEAR(optimized("sgd: {momentum: 0.9, weight_decay: 0.1}", 4, Decay::yes), p, 1e-14);
  EXPECT_NEAR(optimized("sgd: {momentum: 0.9, nesterov: true}", 4, Decay::yes), nesterov, 1e-14);
  EXPECT_NEAR(optimized("sgd: {}", 1, Decay::yes), 0.8 - 0.1 * 1.6, 1e-15);
}

constexpr std::int64_t kBatch = 64;

/// A small network of convolutions.
std::shared_ptr<const Layer> digits_model() {
  return test::sequence_of({"conv2d: {out_channels: 8, kernel_size: 3}", "relu: {}",
                            "conv2d: {out_channels: 16, kernel_size: 3}", "relu: {}",
                            "max_pool2d: {kernel_size: 2}", "dropout: 0.25", "flatten: {}",
                            "linear: 32", "relu: {}", "linear: 10"});
}

struct Digits {
  IdxArray images, labels;
  explicit Digits(const std::string& name)
      : images(read_idx(kFolder / (name + "-images-idx3-ubyte.gz"))),
        labels(read_idx(kFolder / (name + "-labels-idx1-ubyte.gz"))) {}
  static inline const std::filesystem::path kFolder =
      std::filesystem::path(R1_SHARED_DATA_DIR) / "mnist";

  /// Samples first to first + kBatch - 1.
  void put(Evaluator& evaluator, std::int64_t first) const {
    Reals x, y, samples;
    for (std::int64_t k = first * 784; k < (first + kBatch) * 784; ++k)
      x.push_back((images.value(k) / 255 - 0.1307) / 0.3081);
    for (std::int64_t k = first; k < first + kBatch; ++k) {
      y.push_back(labels.value(k));
      samples.push_back(static_cast<double>(k));
    }
    evaluator.set("x", x);
    evaluator.set("y", y);
    evaluator.set("samples", samples);
  }
};

/// The model in one of its modes: its graph, parameters and logits.
struct Traced {
  Graph graph;
  std::vector<Parameter> parameters;
  Value logits, labels;

  Traced(const Layer& model, Mode mode) {
    const Type scalar{Dtype::i64, {}};
    ModelTrace trace(graph, mode,
                     {graph.input("seed", scalar), graph.input("step", scalar),
                      graph.input("samples", {Dtype::i64, {kBatch}})});
    logits = model.build(trace, graph.input("x", {Dtype::f32, {kBatch, 1, 28, 28}}));
    labels = graph.input("y", {Dtype::i32, {kBatch}});
    parameters = trace.parameters();
  }
};

Traced training_of(const Layer& model, const Optimizer& optimizer) {
  Traced t(model, Mode::training);
  const Value loss = mean(softmax_cross_entropy(t.logits, t.labels), {0});
  Values wrt;
  for (const auto& p : t.parameters) wrt.push_back(t.graph.input_named(p.name).value);
  const Value rate = t.graph.input("rate", {Dtype::f32, {}});
  optimizer.update(t.graph, t.parameters, gradients(loss, wrt), rate, Value());
  t.graph.output("loss", loss);
  return t;
}

TEST(Training, LearnsDigits) {
  if (!std::filesystem::exists(Digits::kFolder)) GTEST_SKIP() << "no " << Digits::kFolder;
  const auto model = digits_model();
  const auto training =
      training_of(*model, *made(builtin_optimizers(), "adamw: {}", OptimizerContext{}));
  Evaluator trainer(training.graph);
  for (const auto& p : training.parameters) trainer.set(p.name, initial_values(p, 1));
  trainer.set("rate", {2e-3});
  const Digits seen("train");
  for (int step = 0; step < 120; ++step) {
    trainer.set("step", {static_cast<double>(step)});
    seen.put(trainer, step * kBatch);
    trainer.run();
  }
  EXPECT_LT(trainer.output("loss")[0], 0.8);

  Traced evaluation(*model, Mode::evaluation);
  evaluation.graph.output("right", sum(is_right(evaluation.logits, evaluation.labels)));
  Evaluator judge(evaluation.graph);
  for (const auto& p : training.parameters) judge.set(p.name, trainer.input(p.name));
  const Digits unseen("t10k");
  constexpr int kBatches = 16;
  double right = 0;
  for (int batch = 0; batch < kBatches; ++batch) {
    unseen.put(judge, batch * kBatch);
    judge.run();
    right += judge.output("right")[0];
  }
  EXPECT_GT(right / (kBatches * kBatch), 0.88) << "of digits that it has not seen";
}

}  // namespace
}  // namespace r1::ml
