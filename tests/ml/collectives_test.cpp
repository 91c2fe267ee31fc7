// Collectives as operations on any number of ranks: values from the rank numbers alone; the adjoint of each, with <f(x), y> = <x, f'(y)>
// summed over ranks.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/collectives.hpp"

#include "ml/graph/op.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/logic.hpp"
#include "ml/passes/grad.hpp"
#include "tests/ml/evaluate.hpp"
#include "tests/ml/ranks.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::partial;
using test::random_spread;
using test::Ranks;
using test::Reals;
using test::replicated;
using test::sharded;

constexpr double kRounding = 1e-12;  // of sums of some hundred terms of order 1 in another order

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

}  // namespace
}  // namespace r1::ml
