// Composites have kernels of their own: what those compute is what the compositions compute, values and gradients, for each example and for
// shapes that fill vectors, tiles and blocks of rows and leave some over.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/composite.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/attention.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/layer_norm.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/softmax_cross_entropy.hpp"
#include "ml/passes/expand.hpp"
#include "ml/passes/grad.hpp"
#include "tests/ml/evaluate.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using Operands = std::vector<Example::Operand>;
using Build = std::function<Values(const Values&)>;

/// Relative to the largest value of a result.
double tolerance_of(Dtype dtype) { return dtype == Dtype::f64 ? 1e-12 : 2e-5; }

/// Outputs: the results of `build`, and the gradient of a weighted sum of them by the floating operands.
Graph graph_of(const Operands& operands, const Build& build) {
  Graph graph;
  Values inputs, floating;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    inputs.push_back(graph.input(fmt::format("x{}", k), operands[k].type));
    if (is_floating(inputs.back().dtype())) floating.push_back(inputs.back());
  }
  const Values results = build(inputs);
  Value total;
  for (std::size_t k = 0; k < results.size(); ++k) {
    graph.output(fmt::format("result {}", k), results[k]);
    if (!is_floating(results[k].dtype())) continue;
    const Value weight = graph.input(fmt::format("w{}", k), results[k].type());
    total = accumulate(total, sum(results[k] * weight));
  }
  const Values slopes = gradients(total, floating);
  for (std::size_t k = 0; k < slopes.size(); ++k)
    graph.output(fmt::format("gradient {}", k), slopes[k]);
  return graph;
}

void fill(Evaluator& evaluator, const Graph& graph, const Operands& operands) {
  std::uint64_t seed = 1;
  for (const auto& input : graph.inputs()) {
    const bool operand = input.name[0] == 'x';
    const auto k = static_cast<std::size_t>(std::stoi(input.name.substr(1)));
    evaluator.set(input.name, random_reals(input.value.type(), operand ? operands[k].low : -1,
                                           operand ? operands[k].high : 1, ++seed));
  }
}

void expect_as_composed(const Operands& operands, const Build& build) {
  const Graph graph = graph_of(operands, build);
  Evaluator own(graph), composed(expanded(graph));
  for (auto* evaluator : {&own, &composed}) {
    fill(*evaluator, graph, operands);
    evaluator->run();
  }
  for (const auto& output : graph.outputs()) {
    const auto a = own.output(output.name), b = composed.output(output.name);
    double largest = 1;
    for (const double value : b) largest = std::max(largest, std::abs(value));
    for (std::size_t k = 0; k < a.size(); ++k)
      ASSERT_NEAR(a[k], b[k], largest * tolerance_of(output.value.dtype()))
          << output.name << '[' << k << ']';
  }
}

Operands in(Dtype dtype, Operands operands) {
  for (auto& operand : operands)
    if (is_floating(operand.type.dtype)) operand.type.dtype = dtype;
  return operands;
}

TEST(Composite, EveryExampleIsAsComposed) {
  int composites = 0;
  const auto registry = builtin_ops();
  for (const Op* op : registry.all()) {
    if (dynamic_cast<const Composed*>(op) == nullptr) continue;
    ++composites;
    for (const auto& example : op->examples())
      for (const Dtype dtype : {Dtype::f64, Dtype::f32}) {
        SCOPED_TRACE(fmt::format("{} in {}", op->name(), name_of(dtype)));
        expect_as_composed(in(dtype, example.operands),
                           [&](const Values& x) { return apply(*op, example.attributes, x); });
      }
  }
  EXPECT_GE(composites, 13);
}

TEST(Composite, NormsAreAsComposedForRowsOfAnyLength) {
  for (const Dtype dtype : {Dtype::f64, Dtype::f32})
    for (const std::int64_t features : {1, 15, 16, 100, 257})
      for (const std::int64_t rows : {0, 1, 33, 3000}) {
        SCOPED_TRACE(fmt::format("{} ({}, {})", name_of(dtype), rows, features));
        const Type x{dtype, {rows, features}}, one{dtype, {features}};
        expect_as_composed({{x}, {one}, {one}}, [](const Values& v) {
          return Values{layer_norm(v[0], v[1], v[2], 0.1), layer_norm(v[0], v[1], Value(), 0.1)};
        });
        expect_as_composed({{x}, {one}},
                           [](const Values& v) { return Values{rms_norm(v[0], v[1], 0.1)}; });
      }
}

TEST(Composite, CrossEntropyIsAsComposedForAnyNumberOfClasses) {
  for (const Dtype dtype : {Dtype::f64, Dtype::f32})
    for (const Dtype label : {Dtype::i32, Dtype::i64})
      for (const std::int64_t classes : {1, 10, 65, 1000})
        for (const double smoothing : {0.0, 0.2}) {
          SCOPED_TRACE(fmt::format("{} {} {} classes, {}", name_of(dtype), name_of(label), classes,
                                   smoothing));
          const double all = static_cast<double>(classes);
          expect_as_composed({{{dtype, {37, classes}}, -50, 50}, {{label, {37}}, -2, all + 2}},
                             [&](const Values& x) {
                               return Values{softmax_cross_entropy(x[0], x[1], smoothing)};
                             });
        }
}

/// Channels first and last; pieces that fill a piece of work, leave some over, and are empty. Values around 100 show whether the mean is
/// taken off before squares are summed.
TEST(Composite, MomentsAreAsComposedForImagesOfAnySize) {
  for (const Dtype dtype : {Dtype::f64, Dtype::f32})
    for (const std::int64_t channels : {1, 3, 64, 300})
      for (const std::int64_t images : {1, 7})
        for (const std::int64_t last : {0, 1}) {
          SCOPED_TRACE(fmt::format("{} {} {} {}", name_of(dtype), channels, images, last));
          const Shape shape =
              last != 0 ? Shape{images, 13, 17, channels} : Shape{images, channels, 13, 17};
          expect_as_composed({{{dtype, shape}, 99, 101}}, [&](const Values& x) {
            return apply(*builtin_ops().find("channel_moments"), {{"channels_last", last}},
                         {x[0] * 1.0});
          });
        }
}

/// Queries and keys that fill tiles, leave some over, and make more than one block of the composition.
TEST(Composite, AttentionIsAsComposedForAnyNumberOfQueriesAndKeys) {
  using Kind = AttentionWindow::Kind;
  struct Case {
    std::int64_t batches, queries, keys, width, value_width;
  };
  for (const Dtype dtype : {Dtype::f64, Dtype::f32})
    for (const Case& c : {Case{3, 64, 64, 32, 32}, Case{1, 1, 1, 1, 1}, Case{2, 17, 81, 20, 7},
                          Case{1, 300, 300, 8, 16}, Case{0, 4, 4, 2, 2}, Case{2, 0, 3, 2, 2}})
      for (const AttentionWindow window : {AttentionWindow{Kind::all, 0},
                                           {Kind::causal, 0},
                                           {Kind::sliding, 5},
                                           {Kind::sliding, 70}}) {
        SCOPED_TRACE(fmt::format("{} {} queries, {} keys, window {} {}", name_of(dtype), c.queries,
                                 c.keys, static_cast<int>(window.kind), window.length));
        const Type q{dtype, {c.batches, c.queries, c.width}},
            k{dtype, {c.batches, c.keys, c.width}}, v{dtype, {c.batches, c.keys, c.value_width}};
        expect_as_composed({{q, -3, 3}, {k, -3, 3}, {v}}, [&](const Values& x) {
          return Values{attention(x[0], x[1], x[2], window)};
        });
      }
}

TEST(Composite, AttentionOfHeadsSideBySideIsAsComposed) {
  using Kind = AttentionWindow::Kind;
  for (const Dtype dtype : {Dtype::f64, Dtype::f32})
    for (const Shape& shape : {Shape{2, 64, 3, 4, 32}, Shape{1, 1, 3, 1, 1}, Shape{3, 81, 3, 2, 7},
                               Shape{0, 4, 3, 2, 2}, Shape{2, 5, 3, 0, 2}})
      for (const AttentionWindow window :
           {AttentionWindow{Kind::all, 0}, {Kind::causal, 0}, {Kind::sliding, 5}}) {
        const Type qkv{dtype, shape};
        SCOPED_TRACE(fmt::format("{}, window {} {}", qkv.text(), static_cast<int>(window.kind),
                                 window.length));
        expect_as_composed({{qkv, -3, 3}},
                           [&](const Values& x) { return Values{self_attention(x[0], window)}; });
      }
}

TEST(Composite, AttentionOfOneValueWithItself) {
  const Type x{Dtype::f64, {2, 5, 3}};
  expect_as_composed({{x}}, [](const Values& v) {
    return Values{attention(v[0], v[0], v[0], {AttentionWindow::Kind::causal, 0})};
  });
}

/// Scores far outside of what exponentials can hold.
TEST(Composite, AttentionOfLargeScoresIsFinite) {
  const Type x{Dtype::f32, {1, 70, 4}};
  expect_as_composed({{x, -100, 100}, {x, -100, 100}, {x}}, [](const Values& v) {
    return Values{attention(v[0], v[1], v[2], {AttentionWindow::Kind::causal, 0})};
  });
}

}  // namespace
}  // namespace r1::ml
