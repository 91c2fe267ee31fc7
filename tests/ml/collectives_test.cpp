// Collectives as operations on any number of ranks: values from the rank numbers alone; the adjoint of each, with <f(x), y> = <x, f'(y)>
// summed over ranks; finite differences of sums over ranks; a data-parallel model against the whole batch on one rank.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/collectives.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
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

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using test::Reals;

constexpr double kStep = 1e-5;  // of differences: errors of 1e-10 by the step and 1e-11 by rounding
constexpr double kTolerance = 1e-7;  // of derivatives of order 1 against differences
constexpr double kRounding = 1e-12;  // of sums of some hundred terms of order 1 in another order

Communicator world() {
  int argc = 0;
  char** argv = nullptr;
  return CommScope(argc, argv).world();
}

struct Ranks {
  Communicator comm = world();
  std::int64_t count = comm.size();
  std::size_t rank = static_cast<std::size_t>(comm.rank()), n = static_cast<std::size_t>(count);
};

/// Of rank `rank` and element `at`: sums depend on the order of adding.
double awkward(std::size_t rank, std::size_t at) {
  const auto r = static_cast<double>(rank), k = static_cast<double>(at);
  return std::sin(1 + r + 17 * k) * std::pow(10, std::fmod(5 * r + k, 12));
}

Reals values_of(std::size_t rank, const Shape& shape) {
  Reals values;
  for (std::size_t k = 0; k < static_cast<std::size_t>(shape.elements()); ++k)
    values.push_back(awkward(rank, k));
  return values;
}

/// op(x), where rank r has values_of(r).
Reals applied(const Ranks& ranks, const Type& type, const std::function<Value(const Value&)>& op) {
  Graph graph;
  graph.output("y", op(graph.input("x", type)));
  Evaluator evaluator(graph, ranks.comm);
  evaluator.set("x", values_of(ranks.rank, type.shape));
  evaluator.run();
  return evaluator.output("y");
}

Type partial(Shape shape) { return {Dtype::f64, std::move(shape), Spread::partial}; }
Type sharded(Shape shape) { return {Dtype::f64, std::move(shape), Spread::sharded}; }
Type replicated(Shape shape) { return {Dtype::f64, std::move(shape)}; }

/// (outer, n, inner) of all ranks' parts (outer, part, inner), joined along the middle.
Reals joined(const std::vector<Reals>& parts, std::size_t outer) {
  Reals all;
  for (std::size_t o = 0; o < outer; ++o)
    for (const auto& part : parts) {
      const auto block = part.size() / outer;
      all.insert(all.end(), part.begin() + static_cast<std::ptrdiff_t>(o * block),
                 part.begin() + static_cast<std::ptrdiff_t>((o + 1) * block));
    }
  return all;
}

/// Piece `at` of `pieces` of (outer, n, inner) along the middle.
Reals piece_of(const Reals& whole, std::size_t outer, std::size_t pieces, std::size_t at) {
  Reals piece;
  const auto block = whole.size() / outer / pieces;
  for (std::size_t o = 0; o < outer; ++o)
    for (std::size_t k = 0; k < block; ++k) piece.push_back(whole[(o * pieces + at) * block + k]);
  return piece;
}

Reals sum_in_rank_order(std::size_t ranks, const Shape& shape) {
  Reals sum = values_of(0, shape);
  for (std::size_t r = 1; r < ranks; ++r) {
    const Reals term = values_of(r, shape);
    for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += term[k];
  }
  return sum;
}

TEST(AllReduce, IsTheSumInRankOrderToTheBit) {
  const Ranks ranks;
  for (const auto& shape : {Shape{}, Shape{0}, Shape{2}, Shape{7, 5}, Shape{10001}})
    EXPECT_EQ(applied(ranks, partial(shape), [&](auto& x) { return all_reduce(x, ranks.count); }),
              sum_in_rank_order(ranks.n, shape))
        << shape.text();
}

TEST(AllReduce, OfWholeNumbersAndSingles) {
  const Ranks ranks;
  for (const Dtype dtype : {Dtype::f32, Dtype::i64, Dtype::i32, Dtype::u8}) {
    Graph graph;
    graph.output("y", all_reduce(graph.input("x", {dtype, {5}, Spread::partial}), ranks.count));
    Evaluator evaluator(graph, ranks.comm);
    evaluator.set("x", Reals(5, static_cast<double>(ranks.rank + 1)));
    evaluator.run();
    EXPECT_EQ(evaluator.output("y"), Reals(5, static_cast<double>(ranks.n * (ranks.n + 1) / 2)));
  }
}

TEST(AllReduce, MayWriteWhereItReads) {
  const Ranks ranks;
  Graph graph;
  const Value x = graph.input("x", partial({1000}));
  graph.output("y", -all_reduce(-x, ranks.count));
  Evaluator evaluator(graph, ranks.comm);
  evaluator.set("x", values_of(ranks.rank, {1000}));
  evaluator.run();
  EXPECT_EQ(evaluator.output("y"), sum_in_rank_order(ranks.n, {1000}));
}

TEST(AllGather, JoinsPartsInRankOrder) {
  const Ranks ranks;
  for (const int axis : {0, 1, 2})
    for (const auto& shape : {Shape{2, 3, 4}, Shape{1, 1, 5}, Shape{2, 0, 3}}) {
      std::vector<Reals> parts;
      for (std::size_t r = 0; r < ranks.n; ++r) parts.push_back(values_of(r, shape));
      std::size_t outer = 1;
      for (int k = 0; k < axis; ++k) outer *= static_cast<std::size_t>(shape[k]);
      EXPECT_EQ(
          applied(ranks, sharded(shape), [&](auto& x) { return all_gather(x, axis, ranks.count); }),
          shape.elements() == 0 ? Reals{} : joined(parts, outer))
          << axis << ' ' << shape.text();
    }
}

TEST(ReduceScatter, IsTheOwnPartOfTheSum) {
  const Ranks ranks;
  for (const int axis : {0, 1}) {
    const Shape shape = axis == 0 ? Shape{2 * ranks.count, 3} : Shape{3, 2 * ranks.count};
    const auto outer = axis == 0 ? 1U : 3U;
    EXPECT_EQ(applied(ranks, partial(shape),
                      [&](auto& x) { return reduce_scatter(x, axis, ranks.count); }),
              piece_of(sum_in_rank_order(ranks.n, shape), outer, ranks.n, ranks.rank));
  }
  EXPECT_EQ(
      applied(ranks, partial({0, 2}), [&](auto& x) { return reduce_scatter(x, 0, ranks.count); }),
      Reals{});
}

TEST(AllToAll, SplitsHereAndJoinsThere) {
  const Ranks ranks;
  const Shape shape{2 * ranks.count, 3 * ranks.count};
  for (const int split : {0, 1})
    for (const int concat : {0, 1}) {
      std::vector<Reals> pieces;
      const std::size_t rows = 2 * ranks.n / (split == 0 ? ranks.n : 1);
      for (std::size_t r = 0; r < ranks.n; ++r)
        pieces.push_back(
            piece_of(values_of(r, shape), split == 0 ? 1 : 2 * ranks.n, ranks.n, ranks.rank));
      EXPECT_EQ(applied(ranks, sharded(shape),
                        [&](auto& x) { return all_to_all(x, split, concat, ranks.count); }),
                joined(pieces, concat == 0 ? 1 : rows))
          << split << ' ' << concat;
    }
}

TEST(PermuteRanks, GoesAroundAndLeavesZeros) {
  const Ranks ranks;
  const auto shift = [&](auto& x) { return shift_ranks(x, -1, ranks.count); };
  EXPECT_EQ(applied(ranks, sharded({3}), shift), values_of((ranks.rank + 1) % ranks.n, {3}));
  const auto last = ranks.count - 1;
  const auto to_last = [&](auto& x) { return permute_ranks(x, {{0, last}}, ranks.count); };
  EXPECT_EQ(applied(ranks, sharded({3}), to_last),
            ranks.rank + 1 == ranks.n ? values_of(0, {3}) : Reals(3, 0));
}

TEST(Parts, AreTakenAndPlacedWithoutMessages) {
  const Ranks ranks;
  const Shape whole{2, 3 * ranks.count}, part{2, 3};
  EXPECT_EQ(applied(ranks, replicated(whole), [&](auto& x) { return own_part(x, 1, ranks.count); }),
            piece_of(values_of(ranks.rank, whole), 2, ranks.n, ranks.rank));
  const Reals placed =
      applied(ranks, sharded(part), [&](auto& x) { return place_part(x, 1, ranks.count); });
  EXPECT_EQ(piece_of(placed, 2, ranks.n, ranks.rank), values_of(ranks.rank, part));
  for (std::size_t r = 0; r < ranks.n; ++r) {
    if (r == ranks.rank) continue;
    EXPECT_EQ(piece_of(placed, 2, ranks.n, r), Reals(6, 0));
  }
  EXPECT_EQ(applied(ranks, sharded(part), sum_of_parts), values_of(ranks.rank, part));
  EXPECT_EQ(applied(ranks, replicated(part), as_parts), values_of(ranks.rank, part));
}

struct Case {
  const char* name;
  Type type;
  std::function<Value(const Value&)> op;
};

std::vector<Case> all_collectives(std::int64_t n) {
  return {{"all_reduce", partial({7}), [n](auto& x) { return all_reduce(x, n); }},
          {"all_gather", sharded({2, 3}), [n](auto& x) { return all_gather(x, 1, n); }},
          {"reduce_scatter", partial({2, n}), [n](auto& x) { return reduce_scatter(x, 1, n); }},
          {"all_to_all", sharded({2 * n, 3}), [n](auto& x) { return all_to_all(x, 0, 1, n); }},
          {"permute_ranks", sharded({4}),
           [n](auto& x) {
             return permute_ranks(x, {{0, n - 1}}, n);
           }},
          {"shift", sharded({4}), [n](auto& x) { return shift_ranks(x, 1, n); }},
          {"own_part", replicated({2 * n, 3}), [n](auto& x) { return own_part(x, 0, n); }},
          {"place_part", sharded({2, 3}), [n](auto& x) { return place_part(x, 0, n); }},
          {"sum_of_parts", sharded({3}), [](auto& x) { return sum_of_parts(x); }},
          {"as_parts", replicated({3}), [](auto& x) { return as_parts(x); }},
          {"as_partial", replicated({3}), [n](auto& x) { return as_partial(x, n); }}};
}

/// The same on all ranks where the type says so.
Reals random_spread(const Ranks& ranks, const Type& type, std::uint64_t seed) {
  return random_reals(type, -1, 1,
                      type.spread == Spread::replicated ? seed : 100 * (ranks.rank + 1) + seed);
}

TEST(Collectives, AreAdjointToTheirDerivatives) {
  const Ranks ranks;
  for (const auto& c : all_collectives(ranks.count)) {
    Graph graph;
    const Value x = graph.input("x", c.type), f = c.op(x);
    Type dual = f.type();
    dual.spread = cotangent_spread(dual.spread);
    const Value y = graph.input("y", dual), back = pull_back({f}, {y}, {x})[0];
    EXPECT_EQ(back.type().spread, cotangent_spread(c.type.spread)) << c.name;
    graph.output("f", f);
    graph.output("back", back);
    Evaluator evaluator(graph, ranks.comm);
    const Reals at = random_spread(ranks, c.type, 1), along = random_spread(ranks, dual, 2);
    evaluator.set("x", at);
    evaluator.set("y", along);
    evaluator.run();
    EXPECT_NEAR(ranks.comm.sum(test::dot(evaluator.output("f"), along)),
                ranks.comm.sum(test::dot(at, evaluator.output("back"))), kRounding)
        << c.name;
  }
}

TEST(Collectives, TakeACotangentThatCountsOnce) {
  const Ranks ranks;
  for (const auto& c : all_collectives(ranks.count)) {
    Graph graph;
    const Value x = graph.input("x", c.type), f = c.op(x);
    if (f.type().spread != Spread::replicated) continue;
    const Value y = graph.input("y", f.type()), back = pull_back({f}, {y}, {x})[0];
    graph.output("f", f);
    graph.output("back", back);
    Evaluator evaluator(graph, ranks.comm);
    const Reals at = random_spread(ranks, c.type, 1), along = random_spread(ranks, f.type(), 2);
    evaluator.set("x", at);
    evaluator.set("y", along);
    evaluator.run();
    EXPECT_NEAR(test::dot(evaluator.output("f"), along),
                ranks.comm.sum(test::dot(at, evaluator.output("back"))), kRounding)
        << c.name;
  }
}

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

TEST(Collectives, AgreeWithDifferencesOverAllRanksTwice) {
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
TEST(Collectives, CotangentsGoThroughWhatMovesElements) {
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

TEST(Gradients, OfALossThatCountsOnceAreThoseOfTheSum) {
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
  evaluator.set("x", values_of(ranks.rank, {3}));
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

TEST(Collectives, RefuseWhatDoesNotFit) {
  Graph graph;
  const Value p = graph.input("p", partial({3, 4})), s = graph.input("s", sharded({3, 4})),
              r = graph.input("r", replicated({3, 4}));
  EXPECT_THROW(reduce_scatter(p, 0, 2), ShapeError);
  EXPECT_THROW(own_part(r, 0, 2), ShapeError);
  EXPECT_THROW(all_to_all(s, 0, 1, 2), ShapeError);
  EXPECT_THROW(all_gather(s, 2, 2), ShapeError);
  EXPECT_THROW(all_gather(s, 0, std::int64_t{1} << 62), ShapeError);
  EXPECT_THROW(all_reduce(p, 0), ShapeError);
  EXPECT_THROW(all_reduce(s, 2), ShapeError);
  EXPECT_THROW(all_reduce(r, 2), ShapeError);
  EXPECT_THROW(permute_ranks(s, {{0, 1}, {1, 1}}, 2), ShapeError);
  EXPECT_THROW(permute_ranks(s, {{0, 2}}, 2), ShapeError);
  EXPECT_THROW(p + s, ShapeError);
  EXPECT_THROW(p * s, ShapeError);
  EXPECT_THROW(s / p, ShapeError);
  EXPECT_THROW(cast(p, Dtype::i32), ShapeError);
  EXPECT_EQ((p / r).type().spread, Spread::partial);
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
