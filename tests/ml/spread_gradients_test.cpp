// Derivatives over ranks: sums over ranks against finite differences, twice; which spread a cotangent has; a data-parallel model against
// the whole batch on one rank; plans that differ.
// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/op.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/collectives.hpp"
#include "ml/ops/concat.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/reduce_max.hpp"
#include "ml/ops/slice.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/grad.hpp"
#include "ml/passes/jvp.hpp"
#include "ml/passes/optimize.hpp"
#include "tests/ml/evaluate.hpp"
#include "tests/ml/made.hpp"
#include "tests/ml/ranks.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::partial;
using test::random_reals;
using test::random_spread;
using test::Ranks;
using test::Reals;
using test::replicated;
using test::sharded;

constexpr double kStep = 1e-5;  // of differences: errors of 1e-10 by the step and 1e-11 by rounding
constexpr double kTolerance = 1e-7;  // of derivatives of order 1 against differences
constexpr double kRounding = 1e-12;  // of sums of some hundred terms of order 1 in another order

/// A partial scalar through all of them, nonlinear in a replicated `w` and a sharded `x`.
class Everything {
 public:
  explicit Everything(const Ranks& ranks) : ranks_(ranks), n_(ranks.count) {
    const Value w = graph_.input("w", replicated({2 * n_, 3}));
    const Value x = graph_.input("x", sharded({2, 3}));
    const Value loss = loss_of(w, x);
    wrt_ = {w, x};
    const Values first = gradients(loss, wrt_);
    const Value v = graph_.input("v", w.type()), u = graph_.input("u", x.type());
    // The first is a sum over ranks, as each of its terms.
    const Value along = sum(first[0] * v) + sum_of_parts(sum(first[1] * u));
    const Values second = gradients(along, wrt_);
    const Value moved = push_forward({loss}, wrt_, {v, u})[0];
    const Value outputs[] = {
        loss,     along, moved, all_reduce(first[0], n_), first[1], all_reduce(second[0], n_),
        second[1]};
    const char* names[] = {"loss", "along", "moved", "first_w", "first_x", "second_w", "second_x"};
    for (std::size_t k = 0; k < std::size(names); ++k) graph_.output(names[k], outputs[k]);
  }
  const Graph& graph() const { return graph_; }

 private:
  Value loss_of(const Value& w, const Value& x) const {
    const Value own = tanh(own_part(w, 0, n_) * x);  // (2, 3)
    const Value all = all_gather(own, 0, n_);        // (2 n, 3)
    const Value mixed = reduce_scatter(sum_of_parts(as_parts(sin(all)) * sum(x)), 0, n_);
    const Value moved = shift_ranks(exp(mixed), 1, n_) * x;
    const Value turned =
        all_to_all(concat(Values(static_cast<std::size_t>(n_), moved), 0), 0, 1, n_);
    const Value total = all_reduce(sum_of_parts(reduce_sum(moved, {0})), n_);  // (3)
    const Value placed = place_part(own * moved, 0, n_);                       // partial (2 n, 3)
    const Value penalty = sum(tanh(all_reduce(placed, n_)) * w) + sum(total * total);
    return sum_of_parts(sum(sin(turned)) * 0.5) + as_partial(penalty, n_);
  }

  const Ranks& ranks_;
  std::int64_t n_;
  Graph graph_;
  Values wrt_;
};

/// Central difference of the sum over ranks of `output` by element `at` of `input`: of rank `moves`, or of all if that is -1.
double slope(const Ranks& ranks, Evaluator& evaluator, const std::string& output,
             const std::string& input, std::size_t at, int moves) {
  const Reals here = evaluator.input(input);
  double value[2];
  for (const int side : {0, 1}) {
    Reals moved = here;
    if (moves < 0 || moves == ranks.comm.rank()) moved[at] += side == 0 ? -kStep : kStep;
    evaluator.set(input, moved);
    evaluator.run();
    value[side] = ranks.comm.sum(evaluator.output(output)[0]);
  }
  evaluator.set(input, here);
  return (value[1] - value[0]) / (2 * kStep);
}

void expect_slopes(const Ranks& ranks, Evaluator& evaluator, const std::string& of,
                   const std::string& derivative) {
  evaluator.run();
  const Reals by_w = evaluator.output(derivative + "_w"),
              by_x = evaluator.output(derivative + "_x");
  const auto near = [](double a, double b) {
    EXPECT_NEAR(a, b, kTolerance * std::max(1.0, std::abs(b)));
  };
  for (std::size_t k = 0; k < by_w.size(); ++k)
    near(by_w[k], slope(ranks, evaluator, of, "w", k, -1));
  for (int r = 0; r < ranks.comm.size(); ++r)
    for (std::size_t k = 0; k < by_x.size(); ++k) {
      const double by_difference = slope(ranks, evaluator, of, "x", k, r);
      if (r == ranks.comm.rank()) near(by_x[k], by_difference);
    }
}

TEST(SpreadGradients, AgreeWithDifferencesOverAllRanksTwice) {
  const Ranks ranks;
  const Everything everything(ranks);
  Evaluator evaluator(everything.graph(), ranks.comm);
  std::uint64_t seed = 0;
  for (const auto& input : everything.graph().inputs())
    evaluator.set(input.name, random_spread(ranks, input.value.type(), ++seed));
  expect_slopes(ranks, evaluator, "loss", "first");
  expect_slopes(ranks, evaluator, "along", "second");
  evaluator.run();
  EXPECT_NEAR(ranks.comm.sum(evaluator.output("moved")[0]),
              ranks.comm.sum(evaluator.output("along")[0]), kTolerance);
}

/// What loses its derivative, or refuses partial sums, if an operation's spread is not thought of: each is linear in the cotangent.
TEST(SpreadGradients, CotangentsGoThroughWhatMovesElements) {
  const Ranks ranks;
  const auto n = ranks.count;
  Graph graph;
  const Value w = graph.input("w", replicated({4, 3}));
  const Value x = graph.input("x", sharded({4, 3}));
  const Value index = graph.input("index", {Dtype::i32, {4}, Spread::sharded});
  const Value rows = scatter_add(gather(w, index) * x, index, 4);
  const Value chosen = select(x < w, rows, w);
  const Value cut = pad(slice_axis(chosen, 0, 1, 3), {1, 0}, {1, 0}, {0, 0});
  const Value both = max(cast(cast(cut, Dtype::f32), Dtype::f64), w / (1.5 + square(w)));
  const Value halves = split(both, 0, {2, 2})[1];
  const Value sums = all_reduce(sum_of_parts(reduce_max(halves, {0}) / 3.0) / 2.0, n);
  // Of what is replicated, too: select, cast, max and division meet partial cotangents.
  const Value again =
      select(sums < reduce_max(w, {0}), sums / 2.0, max(sums, -sums)) * split(w, 0, {1, 3})[1];
  const Value loss = as_partial(sum(cast(cast(again, Dtype::f32), Dtype::f64)), n);
  const Values first = gradients(loss, {w, x});
  EXPECT_EQ(first[0].type().spread, Spread::partial);
  EXPECT_EQ(first[1].type().spread, Spread::sharded);
  const Value g = all_reduce(first[0], n);
  const Values second = gradients(as_partial(sum(g * g), n), {w, x});
  EXPECT_EQ(second[0].type().spread, Spread::partial);
  EXPECT_EQ(second[1].type().spread, Spread::sharded);
}

TEST(SpreadGradients, OfALossThatCountsOnceAreThoseOfTheSum) {
  const Ranks ranks;
  Graph graph;
  const Value w = graph.input("w", replicated({3})), x = graph.input("x", sharded({3}));
  const Value other = graph.input("other", replicated({2}));
  const Value part = sum_of_parts(sum(tanh(w * x)));
  const Values forms[] = {gradients(part, {w, x, other}),
                          gradients(sum(tanh(w * x)), {w, x, other}),
                          gradients(all_reduce(part, ranks.count), {w, x})};
  for (std::size_t k = 0; k < std::size(forms); ++k) {
    graph.output(fmt::format("w{}", k), all_reduce(forms[k][0], ranks.count));
    graph.output(fmt::format("x{}", k), forms[k][1]);
  }
  for (const std::size_t k : {0, 1})  // zeros are spread as the gradients are
    graph.output(fmt::format("other{}", k), all_reduce(forms[k][2], ranks.count));
  Evaluator evaluator(graph, ranks.comm);
  evaluator.set("w", {0.1, 0.2, 0.3});
  evaluator.set("x", random_spread(ranks, x.type(), 1));
  evaluator.run();
  for (const char* of : {"w", "x"})
    for (const int k : {1, 2})
      EXPECT_EQ(evaluator.output(fmt::format("{}{}", of, k)),
                evaluator.output(fmt::format("{}0", of)));
  EXPECT_EQ(evaluator.output("other1"), Reals(2, 0));
}

/// The mean over a batch of squared errors of a small network, plus a penalty on its gradient, and the gradient of that.
class DataParallel {
 public:
  static constexpr std::int64_t kSamples = 12, kFeatures = 5, kOutputs = 2;
  /// Of `parts` of the batch, on one rank of `ranks`.
  DataParallel(std::int64_t part, std::int64_t ranks, Spread spread) {
    const Value x = graph_.input("x", {Dtype::f64, {part, kFeatures}, spread});
    const Value y = graph_.input("y", {Dtype::f64, {part, kOutputs}, spread});
    ModelTrace trace(graph_, Mode::training);
    const auto model = test::sequence_of(
        {"linear: 7", "relu: {}", "layer_norm: {}", "linear: 4", "tanh: {}", "linear: 2"});
    const Value error = square(model->build(trace, x) - y);
    const auto whole = [&](const Value& g) {
      return g.type().spread == Spread::partial ? all_reduce(g, ranks) : g;
    };
    const auto own = [&](const Value& v) {
      if (spread == Spread::replicated) return v;
      return v.type().spread == Spread::sharded ? sum_of_parts(v) : as_partial(v, ranks);
    };
    const Value loss = own(sum(error)) * (1.0 / static_cast<double>(kSamples * kOutputs));
    Value penalty;
    for (const auto& g : gradients(loss, trace.values()))
      penalty = accumulate(penalty, sum(square(whole(g))));
    const Value total = loss + own(penalty * 0.1);
    const Values steps = gradients(total, trace.values());
    graph_.output("total", whole(total));
    for (std::size_t k = 0; k < steps.size(); ++k) {
      spreads_.push_back(steps[k].type().spread);
      graph_.output(trace.parameters()[k].name, whole(steps[k]));
    }
  }
  const Graph& graph() const { return graph_; }
  const std::vector<Spread>& spreads() const { return spreads_; }

  /// Samples `first` on; parameters are the same everywhere.
  void fill(Evaluator& evaluator, std::size_t first) const {
    std::uint64_t seed = 10;
    for (const auto& input : graph_.inputs()) {
      const auto& type = input.value.type();
      if (input.role == Role::parameter) {
        evaluator.set(input.name, random_reals(type, -1, 1, ++seed));
        continue;
      }
      const auto width = static_cast<std::size_t>(type.shape[1]);
      const Reals all = random_reals({Dtype::f64, {kSamples, type.shape[1]}}, -1, 1, width);
      const auto begin = all.begin() + static_cast<std::ptrdiff_t>(first * width);
      evaluator.set(input.name, Reals(begin, begin + type.shape.elements()));
    }
  }

 private:
  Graph graph_;
  std::vector<Spread> spreads_;
};

TEST(DataParallel, GradientsWithAPenaltyOnGradientsAreThoseOfTheWholeBatch) {
  const Ranks ranks;
  const auto part = DataParallel::kSamples / ranks.count;
  const DataParallel parallel(part, ranks.count, Spread::sharded);
  const DataParallel serial(DataParallel::kSamples, 1, Spread::replicated);
  for (const Spread spread : parallel.spreads()) EXPECT_EQ(spread, Spread::partial);
  Evaluator on_all(optimized(parallel.graph()), ranks.comm), on_one(optimized(serial.graph()));
  parallel.fill(on_all, ranks.rank * static_cast<std::size_t>(part));
  serial.fill(on_one, 0);
  on_all.run();
  on_one.run();
  for (const auto& output : serial.graph().outputs()) {
    const Reals a = on_all.output(output.name), b = on_one.output(output.name);
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t k = 0; k < a.size(); ++k) EXPECT_NEAR(a[k], b[k], kRounding) << output.name;
  }
}

TEST(Plan, IsForTheNumberOfRanksOfItsGraph) {
  const Ranks ranks;
  Graph graph;
  graph.output("y", all_reduce(graph.input("x", partial({3})), ranks.count + 1));
  EXPECT_THROW(Plan(graph, ranks.comm), Error);
}

TEST(Plan, ThatDiffersAmongRanksIsAnErrorOnAllOfThem) {
  const Ranks ranks;
  if (ranks.count == 1) return;
  Graph graph;
  const Value x = graph.input("x", partial({3}));
  // The last rank adds up something else; it does not even communicate.
  graph.output("y", ranks.rank + 1 == ranks.n ? x * 2.0 : all_reduce(x, ranks.count));
  Evaluator evaluator(graph, ranks.comm);
  EXPECT_THROW(evaluator.run(), CommError);
}

}  // namespace
}  // namespace r1::ml
