// Products and selections of rows that change places give the same numbers and less work, or stay where they are.
// SPDX-License-Identifier: Apache-2.0
#include "ml/passes/reassociate.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/grad.hpp"
#include "ml/passes/simplify.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;

constexpr std::int64_t kRows = 9, kList = 70, kIn = 4, kOut = 6;

/// Inputs of the graphs below; the list has entries outside of the table.
struct Inputs {
  explicit Inputs(Graph& graph, Dtype dtype = Dtype::f64)
      : table(graph.input("table", {dtype, {kRows, kIn}})),
        edges(graph.input("edges", {dtype, {kList, kIn}})),
        w(graph.input("w", {dtype, {kIn, kOut}})),
        list(graph.input("list", {Dtype::i32, {kList}})) {}
  Value table, edges, w, list;
};

/// The largest difference of any output, as a share of the output's largest value.
double difference(const Graph& graph, const Graph& other) {
  Evaluator a(graph), b(other);
  std::uint64_t seed = 1;
  for (const auto& input : graph.inputs()) {
    const bool list = !is_floating(input.value.dtype());
    const auto values = random_reals(input.value.type(), -1, list ? kRows + 1 : 1, seed++);
    a.set(input.name, values);
    b.set(input.name, values);
  }
  a.run();
  b.run();
  double worst = 0;
  for (const auto& output : graph.outputs()) {
    const auto x = a.output(output.name), y = b.output(output.name);
    double most = 0, apart = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      most = std::max(most, std::abs(x[k]));
      apart = std::max(apart, std::abs(x[k] - y[k]));
    }
    EXPECT_GT(most, 0) << output.name;
    worst = std::max(worst, apart / most);
  }
  return worst;
}

double expect_same_numbers(const Graph& graph) {
  const Graph simple = simplify(graph), other = reassociate(simple);
  EXPECT_LT(difference(graph, other), 1e-13) << dump(other);
  return work_of(other) / work_of(simple);
}

TEST(Reassociate, SumsOverAListComeBeforeTheMatrix) {
  Graph graph;
  const Inputs in(graph);
  graph.output("y", scatter_add(matmul(in.edges, in.w), in.list, kRows));
  EXPECT_LT(expect_same_numbers(graph), 0.5);
}

TEST(Reassociate, RowsAreReadAfterTheMatrix) {
  Graph graph;
  const Inputs in(graph);
  graph.output("y", matmul(gather(in.table, in.list), in.w));
  graph.output("z", matmul(gather(tanh(in.table), in.list), in.w));
  EXPECT_LT(expect_same_numbers(graph), 0.5);
}

TEST(Reassociate, TheGradientOfTheMatrixNeedsNoList) {
  for (const bool selected_first : {true, false}) {
    Graph graph;
    const Inputs in(graph);
    const Value rows = gather(in.table, in.list);
    graph.output("y", selected_first ? matmul(transpose(rows), in.edges)
                                     : matmul(transpose(in.edges), rows));
    EXPECT_LT(expect_same_numbers(graph), 0.7);
  }
}

TEST(Reassociate, NothingChangesPlacesWhereThatIsMoreWork) {
  Graph graph;
  const Inputs in(graph);
  const Value product = matmul(in.edges, in.w);
  graph.output("product", product);  // needed anyway
  graph.output("sums", scatter_add(product, in.list, kRows));
  const Value few = graph.input("few", {Dtype::i32, {2}});
  graph.output("rows", matmul(gather(in.table, few), in.w));
  const Graph simple = simplify(graph);
  EXPECT_EQ(dump(reassociate(simple)), dump(simple));
}

/// An energy of atoms with a matrix for each edge, its slope, and the gradient of a loss on the slope.
TEST(Reassociate, APotentialThatIsTrainedOnItsSlopeNeedsNoProductOverEdges) {
  Graph graph;
  const Inputs in(graph);
  const Value shift = graph.input("shift", {Dtype::f64, {kIn}});
  const Value between = gather(in.table, in.list) - in.edges;
  const Value q = scatter_add(matmul(tanh(between * shift), in.w), in.list, kRows);
  const Value energy = sum(tanh(q));
  const Value slope = gradients(energy, {in.table})[0];
  const Value loss = mean(square(slope), {0, 1});
  const Values second = gradients(loss, {in.w, shift});
  graph.output("energy", energy);
  graph.output("w", second[0]);
  graph.output("shift", second[1]);
  EXPECT_LT(expect_same_numbers(graph), 0.6);
  const Graph after = reassociate(simplify(graph));
  for (const Node* node : after.live_nodes()) {
    if (node->op->name() != "dot") continue;
    for (const auto& operand : node->operands) EXPECT_LT(operand.shape()[1], kList) << dump(after);
  }
}

}  // namespace
}  // namespace r1::ml
