// What every layer of the registry must fulfil, run on the example that its entry gives and a batch of images, as training and as
// evaluation do: derivatives by its parameters and its input agree with finite differences; then what single layers promise.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/shape_error.hpp"
#include "ml/layers/layer.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/passes/grad.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using test::Reals;

const Type kImages{Dtype::f64, {2, 3, 6, 5}};
/// What layers are tried on: the first that one takes.
const Type kInputs[] = {kImages, {Dtype::f64, {2, 4, 6}}, {Dtype::i32, {2, 4}}};

std::unique_ptr<Layer> layer_of(const std::string& yaml) {
  const auto registry = builtin_layers();
  const auto schema = io::mapping({io::Key("layer", registry.schema(), "It.").required_()});
  const auto document = io::parse_config("layer: {" + yaml + "}\n", "test.yaml", schema);
  document->check();
  return registry.make(document->root()["layer"], {});
}

RandomKey key_in(Graph& graph, std::int64_t samples) {
  return {graph.input("seed", {Dtype::i64, {}}), graph.input("step", {Dtype::i64, {}}),
          graph.input("samples", {Dtype::i64, {samples}})};
}

/// A layer on images, in a plan.
struct Built {
  Graph graph;
  Value x, y;
  std::vector<Parameter> parameters;
  std::vector<ModelState> states;

  Built(const std::string& yaml, Mode mode, const Type& type = kImages) {
    x = graph.input("x", type);
    ModelTrace trace(graph, mode, key_in(graph, type.shape[0]));
    trace.compute_in(Dtype::f64);
    y = layer_of(yaml)->build(trace, x);
    parameters = trace.parameters();
    states = trace.states();
    graph.output("y", y);
  }
  void fill(Evaluator& evaluator) const {
    evaluator.set("x", random_reals(x.type(), is_floating(x.dtype()) ? -1 : 0,
                                    is_floating(x.dtype()) ? 1 : 5, 3));
    evaluator.set("seed", {11});
    evaluator.set("samples", Reals(static_cast<std::size_t>(x.shape()[0]), 5));
    for (const auto& p : parameters) evaluator.set(p.name, initial_values(p, 2));
    for (const auto& s : states) evaluator.set(s.name, initial_values(s, 2));
  }
};

std::vector<std::pair<std::string, std::string>> examples() {
  std::vector<std::pair<std::string, std::string>> all;
  const auto registry = builtin_layers();
  for (const auto& e : registry.entries()) all.emplace_back(e.name, e.name + ": " + e.example);
  return all;
}

/// On the first of kInputs that it takes; throws ShapeError where there is none.
Built built_on_what_it_takes(const std::string& yaml, Mode mode) {
  for (const auto& type : {kInputs[0], kInputs[1]}) {
    try {
      return Built(yaml, mode, type);
    } catch (const ShapeError&) {
      continue;
    }
  }
  return Built(yaml, mode, kInputs[2]);
}

void check_derivatives(Built built) {
  auto& graph = built.graph;
  const Value loss = sum(built.y * graph.input("w", built.y.type()));
  std::vector<std::string> names;
  Values wrt;
  if (is_floating(built.x.dtype())) {
    names.emplace_back("x");
    wrt.push_back(built.x);
  }
  for (const auto& p : built.parameters) {
    names.push_back(p.name);
    wrt.push_back(graph.input_named(p.name).value);
  }
  const Values g = gradients(loss, wrt);
  graph.output("loss", loss);
  for (std::size_t k = 0; k < wrt.size(); ++k) graph.output("d " + names[k], g[k]);
  Evaluator evaluator(graph);
  built.fill(evaluator);
  evaluator.set("w", random_reals(built.y.type(), -1, 1, 4));
  evaluator.run();
  for (const auto& wrt_name : names) {
    const Reals derivative = evaluator.output("d " + wrt_name);
    for (std::size_t i = 0; i < derivative.size(); i += 7)
      EXPECT_NEAR(derivative[i], evaluator.slope("loss", wrt_name, i, 1e-6), 1e-7)
          << wrt_name << ' ' << i;
    evaluator.run();
  }
}

TEST(Layers, DerivativesAgreeWithFiniteDifferences) {
  for (const auto& [name, yaml] : examples())
    for (const Mode mode : {Mode::training, Mode::evaluation}) {
      SCOPED_TRACE(yaml + (mode == Mode::training ? ", training" : ", evaluation"));
      check_derivatives(built_on_what_it_takes(yaml, mode));
    }
}

TEST(Layers, LinearIsAnAffineMapOfTheLastAxis) {
  const Built built("linear: 2", Mode::evaluation, {Dtype::f64, {3, 4}});
  ASSERT_EQ(built.parameters.size(), 2U);
  EXPECT_EQ(built.parameters[0].decay, Decay::yes);
  EXPECT_EQ(built.parameters[1].decay, Decay::no);
  Evaluator evaluator(built.graph);
  evaluator.set("x", {1, 0, 0, 0, 0, 1, 0, 0, 1, 1, 1, 1});
  evaluator.set("weight", {1, 2, 3, 4, 5, 6, 7, 8});
  evaluator.set("bias", {10, 20});
  evaluator.run();
  EXPECT_EQ(evaluator.output("y"), (Reals{11, 22, 13, 24, 26, 40}));
}

TEST(Layers, DropoutScalesInTrainingAndIsNothingInEvaluation) {
  const Type type{Dtype::f64, {50, 200}};
  const Built training("dropout: 0.25", Mode::training, type),
      evaluation("dropout: 0.25", Mode::evaluation, type);
  EXPECT_EQ(evaluation.y, evaluation.x);
  Evaluator evaluator(training.graph);
  evaluator.set("x", Reals(10000, 3));
  const auto draw = [&](double step) {
    evaluator.set("step", {step});
    evaluator.run();
    return evaluator.output("y");
  };
  Reals samples;
  for (int k = 0; k < 50; ++k) samples.push_back(k);
  evaluator.set("samples", samples);
  const Reals first = draw(0);
  int kept = 0;
  for (const double value : first) {
    EXPECT_TRUE(value == 0 || value == 4);
    kept += value != 0;
  }
  EXPECT_NEAR(kept / 1e4, 0.75, 0.025);  // five standard errors
  EXPECT_EQ(first, draw(0));
  EXPECT_NE(first, draw(1));
}

TEST(Layers, ResidualAddsItsInputAndRefusesAnotherShape) {
  const Built built("residual: [linear: {out_features: 2, bias: false}]", Mode::evaluation,
                    {Dtype::f64, {1, 2}});
  ASSERT_EQ(built.parameters.size(), 1U);
  EXPECT_EQ(built.parameters[0].name, "0.weight");
  Evaluator evaluator(built.graph);
  evaluator.set("x", {1, 2});
  evaluator.set("0.weight", {1, 10, 100, 1000});
  evaluator.run();
  EXPECT_EQ(evaluator.output("y"), (Reals{1 + 201, 2 + 2010}));
  try {
    const Built other("residual: [flatten]", Mode::evaluation);
    FAIL();
  } catch (const ShapeError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("f64(2, 3, 6, 5)"), std::string::npos) << message;
    EXPECT_NE(message.find("f64(2, 90)"), std::string::npos) << message;
  }
}

TEST(Layers, GlobalAveragePoolIsTheMeanOfEachChannel) {
  const Built built("global_average_pool: {}", Mode::evaluation, {Dtype::f64, {1, 2, 2, 2}});
  Evaluator evaluator(built.graph);
  evaluator.set("x", {1, 2, 3, 6, -1, 1, 2, 0});
  evaluator.run();
  EXPECT_EQ(built.y.shape(), (Shape{1, 2}));
  EXPECT_EQ(evaluator.output("y"), (Reals{3, 0.5}));
}

TEST(Layers, SayWhereInTheModelSomethingDoesNotFit) {
  std::vector<Sequence::Member> members;
  members.push_back({"flatten", layer_of("flatten: {}")});
  members.push_back({"conv2d", layer_of("conv2d: {out_channels: 2, kernel_size: 3}")});
  const Sequence model(std::move(members));
  Graph graph;
  ModelTrace trace(graph, Mode::evaluation);
  try {
    model.build(trace, graph.input("x", kImages));
    FAIL();
  } catch (const ShapeError& error) {
    const std::string message = error.what();
    EXPECT_NE(message.find("(2, 90)"), std::string::npos) << message;
    EXPECT_NE(message.find("1 (conv2d)"), std::string::npos) << message;
  }
}

TEST(Layers, ParametersAreNamedByTheirPlaceAndBeginAlikeEverywhere) {
  std::vector<Sequence::Member> members;
  members.push_back({"linear", layer_of("linear: 7")});
  members.push_back({"linear", layer_of("linear: {out_features: 7, bias: false}")});
  Graph graph;
  ModelTrace trace(graph, Mode::training);
  Sequence(std::move(members)).build(trace, graph.input("x", {Dtype::f32, {1, 7}}));
  const auto& parameters = trace.parameters();
  ASSERT_EQ(parameters.size(), 3U);
  EXPECT_EQ(parameters[0].name, "0.weight");
  EXPECT_EQ(parameters[2].name, "1.weight");
  const auto a = initial_values(parameters[0], 1), b = initial_values(parameters[2], 1);
  EXPECT_NE(a, b);
  EXPECT_EQ(a, initial_values(parameters[0], 1));
  EXPECT_NE(a, initial_values(parameters[0], 2));
  for (const double value : a) EXPECT_LE(std::abs(value), 1 / std::sqrt(7));
}

TEST(Layers, NormalInitialValuesHaveTheirDeviation) {
  const Parameter p{"p", {Dtype::f32, {100, 101}}, {Initial::Kind::normal, 0.02}, Decay::yes};
  double sum = 0, squares = 0;
  const auto values = initial_values(p, 3);
  for (const double v : values) {
    sum += v;
    squares += v * v;
  }
  const auto n = static_cast<double>(values.size());
  EXPECT_NEAR(sum / n, 0, 5 * 0.02 / std::sqrt(n));
  EXPECT_NEAR(std::sqrt(squares / n), 0.02, 5 * 0.02 / std::sqrt(2 * n));
}

}  // namespace
}  // namespace r1::ml
