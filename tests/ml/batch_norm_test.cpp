// Normalisation of channels: values against the formulas, running means over steps, modes, derivatives of both orders.
// SPDX-License-Identifier: Apache-2.0
#include "ml/layers/batch_norm.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/layers/group_norm.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/passes/grad.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using test::Reals;

constexpr double kEpsilon = 1e-5;
const Type kX{Dtype::f64, {3, 4, 2, 5}}, kChannels{Dtype::f64, {4}};

/// Of element `k` of kX.
std::size_t sample_of(std::size_t k) { return k / 40; }
std::size_t channel_of(std::size_t k) { return k / 10 % 4; }

struct Moments {
  double mean = 0, variance = 0;  // the biased one
  double count = 0;
};

/// Of the elements of x that `chosen` names.
Moments moments(const Reals& x, const std::function<bool(std::size_t)>& chosen) {
  Moments m;
  for (std::size_t k = 0; k < x.size(); ++k)
    if (chosen(k)) {
      m.mean += x[k];
      ++m.count;
    }
  m.mean /= m.count;
  for (std::size_t k = 0; k < x.size(); ++k)
    if (chosen(k)) m.variance += std::pow(x[k] - m.mean, 2) / m.count;
  return m;
}

Moments moments_of_channel(const Reals& x, std::size_t channel) {
  return moments(x, [channel](std::size_t k) { return channel_of(k) == channel; });
}

const Reals kScale{0.5, 2, -1, 3}, kShift{0, 1, -2, 0.25};

double expected(double x, const Moments& m, std::size_t channel) {
  return (x - m.mean) / std::sqrt(m.variance + kEpsilon) * kScale[channel] + kShift[channel];
}

TEST(BatchNorm, NormalisesEachChannelOverTheBatch) {
  Graph graph;
  const auto result = batch_norm(graph.input("x", kX), graph.input("scale", kChannels),
                                 graph.input("shift", kChannels), kEpsilon);
  graph.output("y", result.y);
  graph.output("mean", result.mean);
  graph.output("variance", result.variance);
  Evaluator evaluator(graph);
  const Reals x = random_reals(kX, 2, 5, 1);
  evaluator.set("x", x);
  evaluator.set("scale", kScale);
  evaluator.set("shift", kShift);
  evaluator.run();
  const Reals y = evaluator.output("y");
  for (std::size_t k = 0; k < x.size(); ++k) {
    const auto c = channel_of(k);
    EXPECT_NEAR(y[k], expected(x[k], moments_of_channel(x, c), c), 1e-12) << k;
  }
  for (std::size_t c = 0; c < 4; ++c) {
    EXPECT_NEAR(evaluator.output("mean")[c], moments_of_channel(x, c).mean, 1e-13);
    EXPECT_NEAR(evaluator.output("variance")[c], moments_of_channel(x, c).variance, 1e-13);
  }
}

/// The layer in a graph that updates its states.
struct Traced {
  Graph graph;
  std::vector<ModelState> states;

  explicit Traced(Mode mode, const Type& x = kX) {
    ModelTrace trace(graph, mode);
    graph.output("y", batch_norm_layer(trace, graph.input("x", x), {kEpsilon, 0.25}));
    states = trace.states();
    for (std::size_t k = 0; k < states.size(); ++k)
      if (trace.next_states()[k]) graph.update(states[k].name, trace.next_states()[k]);
  }
};

TEST(BatchNorm, RunningMeansFollowTheBatchesAndServeEvaluation) {
  const Traced training(Mode::training), evaluation(Mode::evaluation);
  Evaluator trainer(training.graph), judge(evaluation.graph);
  for (const auto& s : training.states) trainer.set(s.name, initial_values(s, 1));
  Reals mean(4, 0), variance(4, 1);
  for (std::uint64_t step = 0; step < 5; ++step) {
    const Reals x = random_reals(kX, -1, 3, step);
    trainer.set("x", x);
    trainer.run();
    for (std::size_t c = 0; c < 4; ++c) {
      const auto m = moments_of_channel(x, c);
      mean[c] = 0.75 * mean[c] + 0.25 * m.mean;
      variance[c] = 0.75 * variance[c] + 0.25 * m.variance * m.count / (m.count - 1);
    }
  }
  for (std::size_t c = 0; c < 4; ++c) {
    EXPECT_NEAR(trainer.input("running_mean")[c], mean[c], 1e-13);
    EXPECT_NEAR(trainer.input("running_variance")[c], variance[c], 1e-13);
  }
  for (const auto& s : evaluation.states) judge.set(s.name, trainer.input(s.name));
  const Reals x = random_reals(kX, -1, 1, 9);
  judge.set("x", x);
  judge.set("scale", kScale);
  judge.set("shift", kShift);
  judge.run();
  const Reals y = judge.output("y");
  for (std::size_t k = 0; k < x.size(); ++k) {
    const auto c = channel_of(k);
    EXPECT_NEAR(y[k], expected(x[k], {mean[c], variance[c]}, c), 1e-12) << k;
  }
  EXPECT_NEAR(judge.input("running_mean")[0], mean[0], 1e-13) << "evaluation has changed it";
}

TEST(BatchNorm, OneValueAChannelCannotBeTrainedOn) {
  const Type rows{Dtype::f64, {1, 4}};
  EXPECT_THROW(Traced(Mode::training, rows), ShapeError);
  EXPECT_NO_THROW(Traced(Mode::evaluation, rows));
  EXPECT_NO_THROW(Traced(Mode::training, {Dtype::f64, {2, 4}}));
}

TEST(GroupNorm, NormalisesEachGroupOfChannelsInEachSample) {
  for (const std::int64_t groups : {1, 2, 4}) {
    Graph graph;
    graph.output("y", group_norm(graph.input("x", kX), groups, graph.input("scale", kChannels),
                                 graph.input("shift", kChannels), kEpsilon));
    Evaluator evaluator(graph);
    const Reals x = random_reals(kX, -3, 1, 2);
    evaluator.set("x", x);
    evaluator.set("scale", kScale);
    evaluator.set("shift", kShift);
    evaluator.run();
    const Reals y = evaluator.output("y");
    const auto width = 4 / static_cast<std::size_t>(groups);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const auto in_group = [&](std::size_t other) {
        return sample_of(other) == sample_of(k) &&
               channel_of(other) / width == channel_of(k) / width;
      };
      EXPECT_NEAR(y[k], expected(x[k], moments(x, in_group), channel_of(k)), 1e-12) << k;
    }
  }
}

TEST(GroupNorm, RefusesGroupsThatDoNotFit) {
  Graph graph;
  const Value scale = graph.input("scale", kChannels), shift = graph.input("shift", kChannels);
  EXPECT_THROW(group_norm(graph.input("x", kX), 3, scale, shift), ShapeError);
  EXPECT_THROW(group_norm(graph.input("rows", {Dtype::f64, {2, 4}}), 4, scale, shift), ShapeError);
}

/// First and second derivatives of `y` of x, scale and shift against finite differences: of <y, w>, and of its gradient along random
/// directions.
void check_second_derivatives(
    const std::function<Value(const Value& x, const Value& scale, const Value& shift)>& y_of) {
  Graph graph;
  const std::vector<std::string> names{"x", "scale", "shift"};
  const Values wrt{graph.input("x", kX), graph.input("scale", kChannels),
                   graph.input("shift", kChannels)};
  const Value y = y_of(wrt[0], wrt[1], wrt[2]);
  // Not linear in y, so that the shift has second derivatives, too.
  const Value loss = sum(y * y * graph.input("w", kX));
  const Values first = gradients(loss, wrt);
  Value along;
  for (std::size_t k = 0; k < wrt.size(); ++k)
    along = accumulate(along, sum(first[k] * graph.input("r " + names[k], wrt[k].type())));
  const Values second = gradients(along, wrt);
  graph.output("loss", loss);
  graph.output("along", along);
  for (std::size_t k = 0; k < wrt.size(); ++k) {
    graph.output("first " + names[k], first[k]);
    graph.output("second " + names[k], second[k]);
  }
  Evaluator evaluator(graph);
  for (const auto& input : graph.inputs())
    evaluator.set(input.name, random_reals(input.value.type(), -1, 1, input.name.size()));
  evaluator.run();
  for (const auto& name : names) {
    const Reals one = evaluator.output("first " + name), two = evaluator.output("second " + name);
    for (std::size_t k = 0; k < one.size(); k += name == "x" ? 11 : 1) {
      EXPECT_NEAR(one[k], evaluator.slope("loss", name, k, 1e-5), 1e-7) << name << ' ' << k;
      EXPECT_NEAR(two[k], evaluator.slope("along", name, k, 1e-5), 1e-6) << name << ' ' << k;
    }
    evaluator.run();
  }
}

TEST(BatchNorm, SecondDerivativesAgreeWithFiniteDifferences) {
  check_second_derivatives([](const Value& x, const Value& scale, const Value& shift) {
    return batch_norm(x, scale, shift).y;
  });
}

TEST(GroupNorm, SecondDerivativesAgreeWithFiniteDifferences) {
  check_second_derivatives([](const Value& x, const Value& scale, const Value& shift) {
    return group_norm(x, 2, scale, shift);
  });
}

}  // namespace
}  // namespace r1::ml
