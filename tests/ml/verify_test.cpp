// A sound graph passes; one that is changed behind its back is refused, with the node.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/verify.hpp"

#include "core/error.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/transcendental.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <string>

namespace r1::ml {
namespace {

/// w' = w + exp(sum(x)), broken by `change` of the node of exp.
std::string complaint(const std::function<void(Graph&, Node&)>& change) {
  Graph graph;
  const Value x = graph.input("x", {Dtype::f32, {2, 3}});
  const Value w = graph.input("w", {Dtype::f32, {}}, Role::state);
  const Scope scope(graph.store(), "layer 1");
  const Value y = exp(sum(x));
  graph.output("y", y);
  graph.update("w", w + y);
  verify(graph);
  change(graph, const_cast<Node&>(*y.node));
  try {
    verify(graph);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void expect_says(const std::string& text, const std::string& part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST(Verify, SoundGraphsPass) {
  EXPECT_EQ(complaint([](Graph&, Node&) {}), "");
}

TEST(Verify, TypesAreThoseThatOperationsGive) {
  const auto text = complaint([](Graph&, Node& node) { node.results[0].dtype = Dtype::f64; });
  expect_says(text, "layer 1");
  expect_says(text, "is f64() and should be f32()");
  expect_says(complaint([](Graph&, Node& node) { node.results[0].spread = Spread::partial; }),
              "is f32() partial and should be f32()");
  expect_says(complaint([](Graph&, Node& node) {
                const_cast<Node*>(node.operands[0].node)->attributes.set("axes", Integers{7});
              }),
              "axes are ascending");
}

TEST(Verify, OperandsComeBeforeTheirUsers) {
  expect_says(complaint([](Graph&, Node& node) { node.operands[0] = node.result(); }),
              "comes before its operand");
  expect_says(complaint([](Graph&, Node& node) { node.operands[0] = {}; }), "no value of it");
  expect_says(complaint([](Graph&, Node& node) { node.operands[0].output = 1; }), "is result 1 of");
  expect_says(complaint([](Graph&, Node& node) { node.operands.push_back(node.operands[0]); }),
              "it takes 1 operands, not 2");
  expect_says(complaint([](Graph&, Node& node) { node.id = 17; }), "says 17");
}

TEST(Verify, ValuesBelongToTheGraph) {
  Graph other;
  const Value stranger = other.input("x", {Dtype::f32, {}});
  expect_says(complaint([&](Graph&, Node& node) { node.operands[0] = stranger; }),
              "is no value of it");
}

TEST(Verify, InputsOutputsAndUpdatesAgree) {
  const auto inputs = [](Graph & graph) -> auto& {
    return const_cast<std::vector<Graph::Input>&>(graph.inputs());
  };
  const auto outputs = [](Graph & graph) -> auto& {
    return const_cast<std::vector<Graph::Output>&>(graph.outputs());
  };
  expect_says(complaint([&](Graph& graph, Node&) { inputs(graph).pop_back(); }), "no input");
  expect_says(complaint([&](Graph& graph, Node&) { inputs(graph)[1].name = "x"; }), "two inputs");
  expect_says(complaint([&](Graph& graph, Node&) { inputs(graph)[1].role = Role::data; }),
              "given anew for each call");
  expect_says(
      complaint([&](Graph& graph, Node&) { outputs(graph)[1].value = inputs(graph)[0].value; }),
      "its next value");
  expect_says(complaint([&](Graph& graph, Node&) { outputs(graph)[0].name = "w"; }), "two outputs");
}

}  // namespace
}  // namespace r1::ml
