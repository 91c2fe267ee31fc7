// The plans of training: parts of a batch give the gradient of the whole, clipping shortens it, a bad step changes nothing and is
// found; flat buffers are the parameters.
// SPDX-License-Identifier: Apache-2.0
#include "ml/train/plans.hpp"
#include "ml/train/trainer.hpp"
#include "tests/ml/evaluate.hpp"
#include "tests/ml/made.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace r1::ml {
namespace {

using test::random_reals;

Recipe recipe_of(const std::string& optimizer) {
  Recipe recipe;
  recipe.model = test::sequence_of({"linear: 7", "tanh: {}", "layer_norm: {}", "linear: 3"});
  recipe.loss = test::made(builtin_losses(), "cross_entropy: {}", LossContext{});
  recipe.optimizer = test::made(builtin_optimizers(), optimizer, OptimizerContext{});
  recipe.x = {Dtype::f32, {5}};
  recipe.y = {Dtype::i32, {}};
  return recipe;
}

Batch batch_of(std::int64_t samples) {
  Batch batch;
  std::vector<float> x;
  for (const double v : random_reals({Dtype::f32, {samples, 5}}, -1, 1, 3))
    x.push_back(static_cast<float>(v));
  batch.x.resize(x.size() * sizeof(float));
  std::memcpy(batch.x.data(), x.data(), batch.x.size());
  for (std::int64_t k = 0; k < samples; ++k) {
    const auto label = static_cast<std::int32_t>(k % 3);
    const auto* bytes = reinterpret_cast<const std::byte*>(&label);
    batch.y.insert(batch.y.end(), bytes, bytes + sizeof label);
    batch.samples.push_back(k);
  }
  return batch;
}

std::vector<float> weights(TrainingPlans& plans) {
  return plans.state().at("parameters.decayed").to_host<float>();
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k)
    sum += std::pow(static_cast<double>(a[k]) - static_cast<double>(b[k]), 2);
  return std::sqrt(sum);
}

TEST(TrainingPlans, PartsOfABatchGiveTheGradientOfTheWhole) {
  const Batch batch = batch_of(10);
  TrainingPlans whole(recipe_of("sgd: {}"), 10, 1, 1), parts(recipe_of("sgd: {}"), 10, 3, 1);
  const auto start = weights(whole);
  for (auto* plans : {&whole, &parts}) plans->step(Exec(), batch, 0.5);
  Exec().fence();
  EXPECT_GT(distance(weights(whole), start), 1e-3);
  EXPECT_LT(distance(weights(whole), weights(parts)), 1e-6);
  EXPECT_NEAR(whole.state().at(state_name::kLoss).to_host<float>()[0],
              parts.state().at(state_name::kLoss).to_host<float>()[0], 1e-6);
}

TEST(TrainingPlans, ClippingShortensTheStep) {
  auto clipped_recipe = recipe_of("sgd: {}");
  clipped_recipe.gradient_clip = 0.01;
  TrainingPlans free(recipe_of("sgd: {}"), 6, 1, 1), clipped(clipped_recipe, 6, 1, 1);
  const auto start = weights(free);
  for (auto* plans : {&free, &clipped}) plans->step(Exec(), batch_of(6), 1.0);
  Exec().fence();
  EXPECT_GT(distance(weights(free), start), 0.02);
  EXPECT_LE(distance(weights(clipped), start), 0.01 * (1 + 1e-5));
}

TEST(TrainingPlans, ABadStepChangesNothingAndIsNamed) {
  TrainingPlans plans(recipe_of("adamw: {}"), 6, 1, 1);
  Batch good = batch_of(6), bad = batch_of(6);
  const float none = std::nanf("");
  std::memcpy(bad.x.data(), &none, sizeof none);
  bad.step = 1;
  plans.step(Exec(), good, 1e-2);
  Exec().fence();
  const auto before = weights(plans);
  good.step = 2;
  plans.step(Exec(), bad, 1e-2);
  plans.step(Exec(), good, 1e-2);
  Exec().fence();
  EXPECT_EQ(weights(plans), before);
  EXPECT_EQ(plans.state().at(state_name::kFirstBad).to_host<std::int64_t>()[0], 1);
  const auto message = first_not_finite(plans, bad);
  EXPECT_NE(message.find("0 (linear"), std::string::npos) << message;
}

/// With a batch norm right on the data, so that what it keeps follows from the batches alone.
Recipe normalised_recipe() {
  auto recipe = recipe_of("sgd: {}");
  recipe.model = test::sequence_of({"batch_norm: {momentum: 0.25}", "linear: 3"});
  return recipe;
}

using Pair = std::vector<double>;

/// Running mean and variance of feature 0 after samples begin to end - 1 of `batch` were a part of a step.
Pair updated(const Pair& before, const Batch& batch, std::size_t begin, std::size_t end) {
  const auto* x = reinterpret_cast<const float*>(batch.x.data());
  const auto count = static_cast<double>(end - begin);
  double mean = 0, squares = 0;
  for (auto k = begin; k < end; ++k) mean += static_cast<double>(x[5 * k]) / count;
  for (auto k = begin; k < end; ++k) squares += std::pow(static_cast<double>(x[5 * k]) - mean, 2);
  return {0.75 * before[0] + 0.25 * mean, 0.75 * before[1] + 0.25 * squares / (count - 1)};
}

Pair running(TrainingPlans& plans, const std::string& prefix = "") {
  const auto first = [&](const char* name) {
    return static_cast<double>(plans.state().at(prefix + name).to_host<float>()[0]);
  };
  return {first("0.running_mean"), first("0.running_variance")};
}

void expect_near(const Pair& a, const Pair& b) {
  for (const std::size_t k : {0, 1}) EXPECT_NEAR(a[k], b[k], 1e-6);
}

TEST(TrainingPlans, KeepRunningMeansFromStepToStep) {
  TrainingPlans plans(normalised_recipe(), 6, 1, 1);
  EXPECT_EQ(running(plans), (Pair{0, 1}));
  Pair expected{0, 1};
  for (const std::int64_t samples : {6, 6, 4}) {
    plans.step(Exec(), batch_of(samples), 0.1);
    expected = updated(expected, batch_of(samples), 0, static_cast<std::size_t>(samples));
  }
  plans.evaluate(Exec(), batch_of(6));
  Exec().fence();
  expect_near(running(plans), expected);
}

TEST(TrainingPlans, EachPartOfAStepUpdatesRunningMeans) {
  TrainingPlans plans(normalised_recipe(), 10, 3, 1);  // of 4, 4 and 2 samples
  const Batch batch = batch_of(10);
  Pair expected{0, 1};
  for (int step = 0; step < 2; ++step) {
    plans.step(Exec(), batch, 0.1);
    for (const std::size_t begin : {0, 4, 8})
      expected = updated(expected, batch, begin, std::min<std::size_t>(begin + 4, 10));
  }
  Exec().fence();
  expect_near(running(plans), expected);
}

TEST(TrainingPlans, ABadStepChangesNoRunningMeanEither) {
  for (const std::int64_t parts : {1, 3}) {
    TrainingPlans plans(normalised_recipe(), 6, parts, 1);
    Batch good = batch_of(6), bad = batch_of(6);
    const float none = std::nanf("");
    // In the last part: the others are sound.
    std::memcpy(bad.x.data() + bad.x.size() - sizeof none, &none, sizeof none);
    plans.step(Exec(), good, 0.1);
    Exec().fence();
    const auto before = running(plans);
    bad.step = 1;
    good.step = 2;
    for (const auto* batch : {&bad, &good}) plans.step(Exec(), *batch, 0.1);
    Exec().fence();
    EXPECT_EQ(running(plans), before) << parts;
    if (parts > 1) {
      EXPECT_EQ(running(plans, state_name::kAccumulated), before);
    }
  }
}

TEST(TrainingPlans, EvaluationSumsOverSamples) {
  TrainingPlans plans(recipe_of("sgd: {}"), 6, 1, 1);
  for (const auto size : {6, 4}) plans.evaluate(Exec(), batch_of(size));
  Exec().fence();
  const double loss = plans.state().at(state_name::kSumLoss).to_host<double>()[0];
  const double right = plans.state().at(state_name::kSumAccuracy).to_host<double>()[0];
  EXPECT_TRUE(loss > 5 && loss < 20) << loss;  // 10 times about log 3
  EXPECT_EQ(right, std::floor(right));
}

TEST(ParameterLayout, PlacesAreAlignedAndGapsAreZero) {
  const ParameterLayout layout = layout_of(recipe_of("sgd: {}"));
  ASSERT_EQ(layout.buffers().size(), 2U);
  EXPECT_EQ(layout.elements(), 5 * 7 + 7 + 7 + 7 + 7 * 3 + 3);
  const auto values = layout.initial(0, 1);
  const auto second = layout.place_of("3.weight");
  EXPECT_EQ(second.buffer, 0U);
  EXPECT_EQ(second.offset % ParameterLayout::kAlignment, 0);
  for (std::int64_t k = 5 * 7; k < second.offset; ++k)
    EXPECT_EQ(values[static_cast<std::size_t>(k)], 0);
  const auto plain = layout.initial(1, 1);
  EXPECT_EQ(plain[static_cast<std::size_t>(layout.place_of("2.scale").offset)], 1);
}

}  // namespace
}  // namespace r1::ml
