// Text of graphs: written, read and written again it is the same, for every operation and for a training step, and so are the numbers
// that the graph computes. Text that is no graph is refused with its place.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/parse.hpp"

#include "core/error.hpp"
#include "ml/graph/op.hpp"
#include "ml/models/model.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/concat.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/optimize.hpp"
#include "ml/train/recipe.hpp"
#include "tests/ml/evaluate.hpp"
#include "tests/ml/made.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;

Graph again(const Graph& graph) {
  auto parsed = parse_graph(dump(graph), builtin_ops());
  EXPECT_EQ(dump(parsed), dump(graph));
  return parsed;
}

void set_all(Evaluator& evaluator, const Graph& graph, double low, double high) {
  std::uint64_t seed = 0;
  for (const auto& input : graph.inputs())
    evaluator.set(input.name, random_reals(input.value.type(), low, high, ++seed));
}

std::vector<std::uint64_t> bits_of(const test::Reals& values) {
  std::vector<std::uint64_t> bits;
  for (const double value : values) bits.push_back(std::bit_cast<std::uint64_t>(value));
  return bits;
}

void expect_same_numbers(const Graph& graph, double low, double high) {
  const Graph parsed = again(graph);
  Evaluator a(graph), b(parsed);
  set_all(a, graph, low, high);
  set_all(b, parsed, low, high);
  a.run();
  b.run();
  for (const auto& output : graph.outputs())
    EXPECT_EQ(bits_of(a.output(output.name)), bits_of(b.output(output.name))) << output.name;
}

TEST(Parse, EveryOperationRoundTrips) {
  const auto registry = builtin_ops();
  for (const Op* op : registry.all())
    for (const auto& example : op->examples()) {
      SCOPED_TRACE(op->name());
      Graph graph;
      Values operands;
      for (const auto& operand : example.operands)
        operands.push_back(graph.input(fmt::format("x{}", operands.size()), operand.type));
      const Node& node = graph.store().intern(*op, example.attributes, operands);
      for (const auto& result : node.all_results())
        graph.output(fmt::format("y{}", result.output), result);
      const bool any = !example.operands.empty();
      expect_same_numbers(graph, any ? example.operands[0].low : 0,
                          any ? example.operands[0].high : 1);
    }
}

TEST(Parse, ATrainingStepOfATransformerRoundTrips) {
  Recipe recipe;
  recipe.model = test::made(
      builtin_models(), "gpt: {layers: 1, heads: 2, d_model: 8, dropout: 0.1}", ModelContext{5});
  recipe.loss = test::made(builtin_losses(), "cross_entropy: {}", LossContext{});
  recipe.optimizer = test::made(builtin_optimizers(), "adamw: {}", OptimizerContext{});
  recipe.x = recipe.y = {Dtype::i32, {6}};
  const Graph graph = step_graph(recipe, layout_of(recipe), 3);
  const Graph parsed = again(graph);
  // Tokens lie below 5; whatever else is an integer may be 0 or 1, too.
  Evaluator a(optimized(graph)), b(optimized(parsed));
  set_all(a, graph, 0, 2);
  set_all(b, parsed, 0, 2);
  a.run();
  b.run();
  for (const auto& output : graph.outputs())
    EXPECT_EQ(bits_of(a.output(output.name)), bits_of(b.output(output.name))) << output.name;
}

TEST(Parse, KeepsBitsNamesRolesAndPlaces) {
  Graph graph;
  graph.input("not used", {Dtype::u8, {0, 3}, Spread::sharded});
  const Value w = graph.input("a \"quoted\" \\ name\n\x7f", {Dtype::f64, {2}}, Role::parameter);
  const Value m = graph.input("m", {Dtype::f64, {2}}, Role::state);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const Scope scope(graph.store(), "layer \"1\"\t# of 2");
  Value sum = w + m;
  for (const double value :
       {-0.0, 0.1, 1e300, 5e-324, 3.0, -kInfinity, std::nan(""), std::nan("0x123"), -std::nan(""),
        0x1.fffffffffffffp+1023, 1e20, 123456789012345680.0})
    sum = sum * constant(graph.store(), Reals{value, 1}, w.type());
  graph.output("empty", constant(graph.store(), Reals{}, {Dtype::f32, {0}}));
  graph.output("parts", split(sum, 0, {1, 1})[1]);
  graph.update("m", sum);
  const Graph parsed = again(graph);
  ASSERT_EQ(parsed.inputs().size(), 3U);
  EXPECT_EQ(parsed.inputs()[0].value.type(), graph.inputs()[0].value.type());
  EXPECT_EQ(parsed.inputs()[1].name, graph.inputs()[1].name);
  EXPECT_EQ(parsed.inputs()[1].role, Role::parameter);
  EXPECT_TRUE(parsed.outputs()[2].updates);
  const auto ours = graph.live_nodes(), theirs = parsed.live_nodes();
  ASSERT_EQ(ours.size(), theirs.size());
  for (std::size_t k = 0; k < ours.size(); ++k) {
    EXPECT_EQ(ours[k]->attributes, theirs[k]->attributes);
    EXPECT_EQ(graph.store().place_of(*ours[k]), parsed.store().place_of(*theirs[k]));
  }
}

const char* const kSound =
    "%0 = input {dtype=f32 name=\"x\" shape=[2, 3] spread=0} : f32(2, 3)\n"
    "%1 = exp %0 : f32(2, 3)  # layer 1\n"
    "data \"x\" = %0\n"
    "output \"y\" = %1\n";

std::string complaint(const std::string& from, const std::string& to) {
  std::string text = kSound;
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  text.replace(at, from.size(), to);
  try {
    parse_graph(text, builtin_ops());
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Parse, RefusesWhatIsNoGraphAndSaysWhere) {
  struct Fault {
    const char *from, *to, *says;
  };
  const Fault faults[] = {
      {"%1 = exp", "%1 = expp", "graph:2:10: error: there is no operation 'expp'"},
      {"%1 = exp", "%7 = exp", "this is %1"},
      {"exp %0", "exp %1", "no node %1 before this"},
      {"exp %0", "exp %0.1", "%0 has 1 results"},
      {"exp %0", "exp %0 %0", "it takes 1 operands, not 2"},
      {"exp %0 :", "exp %0", "expected ':'"},
      {"exp %0 : f32(2, 3)", "exp %0 : f32(2, 4)", "'exp' makes f32(2, 3), not f32(2, 4)"},
      {"[2, 3]", "[2, -3]", "an extent is not negative"},
      {"[2, 3]", "[2, 3.5]", "a list is of integers or of reals"},
      {"[2, 3]", "[2, 3", "expected ']'"},
      {"[2, 3]", "[2, 99999999999999999999]", "expected an integer"},
      {"[2, 3]", "[4611686018427387904, 3]", "too many elements"},
      {"spread=0", "spread=3", "3 is no spread"},
      {"spread=0", "spread=0.0", "has no attribute 'spread' of the kind"},
      {"spread=0", "spread=0 spread=1", "'spread' is given twice"},
      {"dtype=f32", "dtype=f33", "an element type"},
      {"name=\"x\"", "name=\"x", "at the end of a text"},
      {"name=\"x\"", "name=\"\\q\"", "after '\\'"},
      {"data \"x\" = %0", "data \"x\" = %1", "%1 is not the input 'x'"},
      {"data \"x\" = %0", "", "which is no input"},
      {"data \"x\"", "datum \"x\"", "'datum' is no kind of input or output"},
      {"output \"y\"", "update \"x\"", "it has no next value"},
      {"output \"y\" = %1", "output \"y\" = %1\noutput \"y\" = %0", "two outputs 'y'"},
      {"output \"y\" = %1", "output \"y\" = %1 %0", "expected the end of the line"},
  };
  for (const auto& fault : faults) {
    const auto text = complaint(fault.from, fault.to);
    EXPECT_NE(text.find(fault.says), std::string::npos) << fault.to << ": " << text;
  }
  EXPECT_EQ(complaint("layer 1", "layer 2"), "");
}

}  // namespace
}  // namespace r1::ml
