// Schedules against their formulas, in steps and in epochs.
// SPDX-License-Identifier: Apache-2.0
#include "ml/optim/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

namespace r1::ml {
namespace {

std::unique_ptr<Schedule> made(const std::string& yaml, std::int64_t steps_per_epoch = 10) {
  const auto registry = builtin_schedules();
  const auto schema = io::mapping({io::Key("schedule", registry.schema(), "It.").required_()});
  const auto document = io::parse_config("schedule: {" + yaml + "}\n", "t.yaml", schema);
  document->check();
  auto schedule = registry.make(document->root()["schedule"], {steps_per_epoch});
  document->check();
  return schedule;
}

TEST(Schedules, ConstantIsConstant) {
  const auto s = made("constant: 0.25");
  EXPECT_EQ(s->rate(0), 0.25);
  EXPECT_EQ(s->rate(1000000), 0.25);
}

TEST(Schedules, CosineRisesFallsAndStays) {
  const auto s =
      made("cosine_warmup: {warmup_steps: 4, total_steps: 24, max_lr: 1.0, min_lr: 0.2}");
  for (int step = 0; step < 4; ++step) EXPECT_NEAR(s->rate(step), (step + 1) / 5.0, 1e-15);
  for (int step = 4; step < 24; ++step)
    EXPECT_NEAR(s->rate(step), 0.2 + 0.4 * (1 + std::cos(std::numbers::pi * (step - 4) / 20)),
                1e-15);
  EXPECT_EQ(s->rate(4), 1.0);
  EXPECT_EQ(s->rate(24), 0.2);
  EXPECT_EQ(s->rate(1000), 0.2);
}

TEST(Schedules, EpochsAreSoManySteps) {
  const auto in_epochs =
      made("cosine_warmup: {warmup_epochs: 0.5, total_epochs: 3, max_lr: 1.0}", 8);
  const auto in_steps = made("cosine_warmup: {warmup_steps: 4, total_steps: 24, max_lr: 1.0}", 1);
  for (int step = 0; step < 30; ++step) EXPECT_EQ(in_epochs->rate(step), in_steps->rate(step));
}

TEST(Schedules, StepAndExponentialFallByAFactor) {
  const auto step = made("step: {lr: 1.0, factor: 0.5, every_epochs: 2}", 5);
  EXPECT_EQ(step->rate(9), 1.0);
  EXPECT_EQ(step->rate(10), 0.5);
  EXPECT_EQ(step->rate(25), 0.25);
  const auto smooth = made("exponential: {lr: 1.0, factor: 0.5, every_steps: 10}");
  EXPECT_NEAR(smooth->rate(5), std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(smooth->rate(20), 0.25, 1e-15);
}

TEST(Schedules, RefuseWhatContradictsItself) {
  EXPECT_THROW(made("cosine_warmup: {warmup_steps: 5, total_steps: 4, max_lr: 1.0}"), ConfigError);
  EXPECT_THROW(made("cosine_warmup: {total_steps: 4, max_lr: 1.0, min_lr: 2.0}"), ConfigError);
  EXPECT_THROW(made("cosine_warmup: {max_lr: 1.0}"), ConfigError);
  EXPECT_THROW(made("step: {lr: 1.0, every_steps: 0}"), ConfigError);
}

}  // namespace
}  // namespace r1::ml
