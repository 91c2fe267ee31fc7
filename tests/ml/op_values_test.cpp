// Values of operations against formulas written out here.
// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/concat.hpp"
#include "ml/ops/cumsum.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/random.hpp"
#include "ml/ops/reduce_max.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/slice.hpp"
#include "ml/ops/topk.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/passes/grad.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace r1::ml {
namespace {

using test::Evaluator;
using test::random_reals;
using test::Reals;

/// f of inputs of these types and values.
Reals value_of(const std::vector<Type>& types, const std::vector<Reals>& values,
               const std::function<Value(const Values&)>& f) {
  Graph graph;
  Values inputs;
  for (std::size_t k = 0; k < types.size(); ++k)
    inputs.push_back(graph.input(std::to_string(k), types[k]));
  graph.output("y", f(inputs));
  Evaluator evaluator(graph);
  for (std::size_t k = 0; k < types.size(); ++k) evaluator.set(std::to_string(k), values[k]);
  evaluator.run();
  return evaluator.output("y");
}

Reals value_of(const Type& type, const Reals& x, Value (*f)(const Value&)) {
  return value_of({type}, {x}, [f](const Values& in) { return f(in[0]); });
}

TEST(OpValues, FunctionsAreThoseOfTheMathematicalLibrary) {
  const struct {
    Value (*op)(const Value&);
    double (*reference)(double);
  } functions[] = {{exp, std::exp},        {log, std::log},   {log1p, std::log1p},
                   {sqrt, std::sqrt},      {tanh, std::tanh}, {erf, std::erf},
                   {sin, std::sin},        {cos, std::cos},   {floor, std::floor},
                   {round, std::nearbyint}};
  for (const auto dtype : {Dtype::f64, Dtype::f32}) {
    const Type type{dtype, {1500}};  // some tiles, the last one in part
    const double tolerance = dtype == Dtype::f64 ? 1e-15 : 3e-7;
    const Reals x = random_reals(type, 0.01, 4, 1);
    for (const auto& [op, reference] : functions) {
      const Reals y = value_of(type, x, op);
      for (std::size_t k = 0; k < x.size(); ++k) {
        const double at = dtype == Dtype::f32 ? static_cast<float>(x[k]) : x[k];
        ASSERT_NEAR(y[k], reference(at), tolerance * std::max(1.0, std::abs(reference(at))))
            << "at " << at;
      }
    }
  }
}

TEST(OpValues, ArithmeticBroadcasts) {
  const Type matrix{Dtype::f64, {3, 700}}, row{Dtype::f64, {700}}, column{Dtype::f64, {3, 1}};
  const Reals a = random_reals(matrix, -1, 1, 1), b = random_reals(row, 1, 2, 2),
              c = random_reals(column, -1, 1, 3);
  const Reals y = value_of({matrix, row, column}, {a, b, c}, [](const Values& in) {
    return max(in[0] * in[2] - in[1] / 3.0, -in[0]) + 2.0;
  });
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t j = 0; j < 700; ++j) {
      const double x = a[700 * i + j];
      EXPECT_DOUBLE_EQ(y[700 * i + j], std::max(x * c[i] - b[j] / 3, -x) + 2);
    }
}

TEST(OpValues, MaximaOfRows) {
  const Reals y = value_of({{Dtype::f64, {2, 3}}}, {{1, 5, 5, -2, -3, -2}},
                           [](const Values& in) { return reduce_max(in[0], {1}); });
  EXPECT_EQ(y, (Reals{5, -2}));
}

TEST(OpValues, DerivativesOfTiesAddUpToOne) {
  const Type type{Dtype::f64, {1, 4}};
  EXPECT_EQ(
      value_of({type}, {{1, 5, 5, -2}},
               [](const Values& in) { return gradients(sum(reduce_max(in[0], {1})), {in[0]})[0]; }),
      (Reals{0, 0.5, 0.5, 0}));
  for (const std::size_t k : {0U, 1U})
    EXPECT_EQ(value_of({type, type}, {{1, 2, 3, 4}, {1, 2, 4, 3}},
                       [k](const Values& in) { return gradients(sum(max(in[0], in[1])), in)[k]; }),
              k == 0 ? (Reals{1, 1, 0, 1}) : (Reals{0, 0, 1, 0}));
}

TEST(OpValues, ComparisonsAndChoice) {
  const Type type{Dtype::i32, {4}};
  const std::vector<Reals> values{{1, 2, 3, -7}, {2, 2, 2, -7}};
  const auto as_int = [](const Value& x) { return cast(x, Dtype::i32); };
  const auto check = [&](const std::function<Value(const Value&, const Value&)>& f,
                         const Reals& expected) {
    EXPECT_EQ(
        value_of({type, type}, values, [&](const Values& in) { return as_int(f(in[0], in[1])); }),
        expected);
  };
  check([](auto& a, auto& b) { return a < b; }, {1, 0, 0, 0});
  check([](auto& a, auto& b) { return a <= b; }, {1, 1, 0, 1});
  check([](auto& a, auto& b) { return equal(a, b); }, {0, 1, 0, 1});
  check([](auto& a, auto& b) { return logical_not(equal(a, b)); }, {1, 0, 1, 0});
  check([](auto& a, auto& b) { return logical_and(a < b, a <= b); }, {1, 0, 0, 0});
  check([](auto& a, auto& b) { return logical_or(b < a, a < b); }, {1, 0, 1, 0});
  check([](auto& a, auto& b) { return select(a < b, a * 10.0, b); }, {10, 2, 2, -7});
}

TEST(OpValues, CastsGoTowardsZero) {
  EXPECT_EQ(value_of({{Dtype::f64, {4}}}, {{-1.7, 1.7, 0, 3e9}},
                     [](const Values& in) { return cast(in[0], Dtype::i64); }),
            (Reals{-1, 1, 0, 3e9}));
  EXPECT_EQ(
      value_of({{Dtype::f32, {3}}}, {{-0.5, 0, 2}},
               [](const Values& in) { return cast(cast(in[0], Dtype::boolean), Dtype::f32); }),
      (Reals{1, 0, 1}));
  // 2^53 + 1 would be lost in a double.
  EXPECT_EQ(value_of({{Dtype::i64, {1}}}, {{9007199254740992.0}},
                     [](const Values& in) { return cast(in[0] + 1.0, Dtype::i64) - in[0]; }),
            (Reals{1}));
}

TEST(OpValues, PermuteSlicePadConcat) {
  const Type type{Dtype::f64, {2, 3}};
  const Reals x{1, 2, 3, 4, 5, 6};
  const auto f = [&](const std::function<Value(const Value&)>& work) {
    return value_of({type}, {x}, [&](const Values& in) { return work(in[0]); });
  };
  EXPECT_EQ(f([](auto& v) { return transpose(v); }), (Reals{1, 4, 2, 5, 3, 6}));
  EXPECT_EQ(f([](auto& v) { return slice(v, {0, 0}, {2, 3}, {1, 2}); }), (Reals{1, 3, 4, 6}));
  EXPECT_EQ(f([](auto& v) {
              return pad(v, {0, 1}, {1, 0}, {0, 1});
            }),
            (Reals{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(f([](auto& v) {
              return concat({v, slice_axis(v, 1, 0, 1)}, 1);
            }),
            (Reals{1, 2, 3, 1, 4, 5, 6, 4}));
  EXPECT_EQ(f([](auto& v) { return broadcast(v, {1}, {2}); }),
            (Reals{1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6}));
}

TEST(OpValues, PermutationsOfManyAxes) {
  const Type type{Dtype::f32, {2, 3, 4, 5}};
  const Reals x = random_reals(type, -8, 8, 5);
  const Reals y = value_of({type}, {x}, [](const Values& in) {
    return permute(in[0], {2, 0, 3, 1});
  });
  std::size_t at = 0;
  for (std::size_t c = 0; c < 4; ++c)
    for (std::size_t a = 0; a < 2; ++a)
      for (std::size_t d = 0; d < 5; ++d)
        for (std::size_t b = 0; b < 3; ++b)
          EXPECT_EQ(y[at++], static_cast<float>(x[((a * 3 + b) * 4 + c) * 5 + d]));
}

/// Planes whose extents are no multiples of what a transposed copy takes at once, of elements of all sizes.
TEST(OpValues, PermutationsThatTransposePlanes) {
  constexpr std::int64_t kImages = 2, kRows = 70, kColumns = 37;
  for (const auto dtype : {Dtype::f64, Dtype::f32, Dtype::i64, Dtype::i32, Dtype::u8}) {
    const Type type{dtype, {kImages, kRows, kColumns}};
    Reals x(static_cast<std::size_t>(type.shape.elements())), expected;
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<double>(i % 251);
    for (std::int64_t image = 0; image < kImages; ++image)
      for (std::int64_t j = 0; j < kColumns; ++j)
        for (std::int64_t i = 0; i < kRows; ++i)
          expected.push_back(x[static_cast<std::size_t>((image * kRows + i) * kColumns + j)]);
    EXPECT_EQ(value_of({type}, {x},
                       [](const Values& in) {
                         return permute(in[0], {0, 2, 1});
                       }),
              expected)
        << type.text();
  }
}

TEST(OpValues, SumsOverAnyAxes) {
  const Type type{Dtype::f64, {5, 7, 2000}};
  const Reals x = random_reals(type, -1, 1, 5);
  const auto at = [&x](std::size_t a, std::size_t b, std::size_t c) {
    return x[(a * 7 + b) * 2000 + c];
  };
  const Reals rows = value_of({type}, {x}, [](const Values& in) { return reduce_sum(in[0], {2}); });
  const Reals outer = value_of({type}, {x}, [](const Values& in) {
    return reduce_sum(in[0], {0, 2});
  });
  const Reals all = value_of({type}, {x}, [](const Values& in) { return sum(in[0]); });
  double total = 0;
  Reals expected_outer(7, 0), expected_rows(35, 0);
  for (std::size_t a = 0; a < 5; ++a)
    for (std::size_t b = 0; b < 7; ++b)
      for (std::size_t c = 0; c < 2000; ++c) {
        expected_rows[a * 7 + b] += at(a, b, c);
        expected_outer[b] += at(a, b, c);
        total += at(a, b, c);
      }
  for (std::size_t k = 0; k < 35; ++k) EXPECT_NEAR(rows[k], expected_rows[k], 1e-11);
  for (std::size_t k = 0; k < 7; ++k) EXPECT_NEAR(outer[k], expected_outer[k], 1e-11);
  EXPECT_NEAR(all[0], total, 1e-10);
}

TEST(OpValues, GatherAndScatterLeaveOutWhatIsNotThere) {
  const Type table{Dtype::f64, {3, 2}}, index{Dtype::i32, {4}};
  const Reals rows{1, 2, 3, 4, 5, 6}, picks{2, -1, 0, 3};
  EXPECT_EQ(value_of({table, index}, {rows, picks},
                     [](const Values& in) { return gather(in[0], in[1]); }),
            (Reals{5, 6, 0, 0, 1, 2, 0, 0}));
  EXPECT_EQ(value_of({{Dtype::f64, {4}}, index}, {{1, 10, 100, 1000}, {1, 1, -1, 0}},
                     [](const Values& in) { return scatter_add(in[0], in[1], 2); }),
            (Reals{1000, 11}));
}

/// Rows of a few columns and of more, in lists in order and not, in one table and two: to the bit, since the order of sums is that of lists.
void expect_near(const Reals& found, const Reals& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k) EXPECT_NEAR(found[k], expected[k], tolerance);
}

constexpr std::size_t kRows = 11, kPicks = 130;

TEST(OpValues, RowsAreSummedGatheredAndScatteredInTheOrderOfTheirLists) {
  for (const std::size_t columns : {1, 2, 3, 4, 8, 11, 16, 17})
    for (const std::size_t batch : {1, 2}) {
      const auto extent = [](std::size_t k) { return static_cast<std::int64_t>(k); };
      Shape table{extent(kRows), extent(columns)}, picks{extent(kPicks), extent(columns)},
          list{extent(kPicks)};
      if (batch == 2) {
        table = {2, extent(kRows), extent(columns)};
        picks = {2, extent(kPicks), extent(columns)};
        list = {2, extent(kPicks)};
      }
      const Reals x = random_reals({Dtype::f64, table}, -1, 1, 1),
                  updates = random_reals({Dtype::f64, picks}, -1, 1, 2);
      Reals index = random_reals({Dtype::i32, list}, -1, kRows + 1, 3);
      std::sort(index.begin(), index.begin() + kPicks / 2);
      Reals rows(updates.size()), sums(x.size()), widths(batch * kPicks);
      for (std::size_t pick = 0; pick < batch * kPicks; ++pick)
        for (std::size_t c = 0; c < columns; ++c) {
          const std::size_t at = pick * columns + c;
          widths[pick] = c == 0 ? updates[at] : widths[pick] + updates[at];
          if (index[pick] < 0 || index[pick] >= kRows) continue;
          const auto row = pick / kPicks * kRows + static_cast<std::size_t>(index[pick]);
          rows[at] = x[row * columns + c];
          sums[row * columns + c] += updates[at];
        }
      const Type of_table{Dtype::f64, table}, of_picks{Dtype::f64, picks},
          of_list{Dtype::i32, list};
      EXPECT_EQ(value_of({of_table, of_list}, {x, index},
                         [](const Values& v) { return gather(v[0], v[1]); }),
                rows);
      const Reals scattered = value_of({of_picks, of_list}, {updates, index}, [&](const Values& v) {
        return scatter_add(v[0], v[1], kRows);
      });
      expect_near(scattered, sums, kDeviceIsHost ? 0 : 1e-13);  // GPUs sum parts of a row at once
      const Reals found = value_of({of_picks}, {updates}, [&](const Values& v) {
        return reduce_sum(v[0], {extent(batch == 2 ? 2 : 1)});
      });
      expect_near(found, widths, 1e-14);
    }
}

TEST(OpValues, RunningSums) {
  const Type type{Dtype::f64, {2, 3}};
  const Reals x{1, 2, 3, 4, 5, 6};
  const auto f = [&](int axis, Direction direction, Own own) {
    return value_of({type}, {x},
                    [&](const Values& in) { return cumsum(in[0], axis, direction, own); });
  };
  EXPECT_EQ(f(1, Direction::forward, Own::included), (Reals{1, 3, 6, 4, 9, 15}));
  EXPECT_EQ(f(1, Direction::reverse, Own::excluded), (Reals{5, 3, 0, 11, 6, 0}));
  EXPECT_EQ(f(0, Direction::forward, Own::excluded), (Reals{0, 0, 0, 1, 2, 3}));
}

TEST(OpValues, LargestElements) {
  const Reals x{3, 1, 3, 2, -1, std::nan(""), 0, 5};
  const auto f = [&](std::int64_t k) {
    return value_of({{Dtype::f64, {2, 4}}}, {x}, [k](const Values& in) { return top_k(in[0], k); });
  };
  EXPECT_EQ(f(4), (Reals{0, 2, 3, 1, 1, 3, 2, 0}));
  EXPECT_EQ(f(1), (Reals{0, 1}));
}

TEST(OpValues, RandomBitsAreAFunctionOfSampleStepAndPlace) {
  const Type scalar{Dtype::i64, {}}, samples{Dtype::i64, {3}};
  const auto bits = [&](double seed, double step, const Reals& ids, std::int64_t stream) {
    return value_of({scalar, scalar, samples}, {{seed}, {step}, ids}, [stream](const Values& in) {
      return random_bits({in[0], in[1], in[2]}, stream, {5, 7});
    });
  };
  const Reals found = bits(3, 1e10, {8, 5e9, 8}, 77);
  const TensorRandom random(3, 77);
  for (std::size_t e = 0; e < 35; ++e) {
    const auto block = static_cast<std::uint32_t>(e / 4);
    EXPECT_EQ(found[e], random.block(8, 10000000000, block)[e % 4]);
    EXPECT_EQ(found[35 + e], random.block(5000000000, 10000000000, block)[e % 4]);
    EXPECT_EQ(found[70 + e], found[e]) << "the same sample";
  }
  EXPECT_NE(found, bits(4, 1e10, {8, 5e9, 8}, 77));
  EXPECT_NE(found, bits(3, 1e10 + 1, {8, 5e9, 8}, 77));
  EXPECT_NE(found, bits(3, 1e10, {8, 5e9, 8}, 78));
}

TEST(OpValues, RandomChoicesHaveTheirProbability) {
  const Type scalar{Dtype::i64, {}}, samples{Dtype::i64, {100}};
  Reals ids;
  for (int k = 0; k < 100; ++k) ids.push_back(k);
  for (const double p : {0.0, 0.25, 1.0}) {
    const Reals chosen =
        value_of({scalar, scalar, samples}, {{1}, {2}, ids}, [p](const Values& in) {
          return cast(random_choice({in[0], in[1], in[2]}, 5, {1000}, p), Dtype::f32);
        });
    // 1e5 draws: the standard error is 0.0014.
    EXPECT_NEAR(test::dot(chosen, Reals(chosen.size(), 1e-5)), p, p == 0.25 ? 0.006 : 1e-9);
  }
}

TEST(OpValues, ProductsOfMatrices) {
  const struct {
    std::int64_t batch, m, k, n;
  } shapes[] = {{2, 5, 9, 4}, {1, 70, 33, 65}, {3, 1, 7, 1},
                {1, 1, 1, 6}, {1, 6, 1, 1},    {2, 3, 0, 2}};
  for (const auto dtype : {Dtype::f64, Dtype::f32, Dtype::i64})
    for (const auto& [batch, m, k, n] : shapes) {
      const Type a{dtype, {batch, m, k}}, b{dtype, {batch, k, n}};
      const Reals x = random_reals(a, -4, 4, 1), y = random_reals(b, -4, 4, 2);
      const auto at = [](const Reals& v, std::int64_t i) { return v[static_cast<std::size_t>(i)]; };
      Reals expected;
      for (std::int64_t p = 0; p < batch; ++p)
        for (std::int64_t i = 0; i < m; ++i)
          for (std::int64_t j = 0; j < n; ++j) {
            double total = 0;
            for (std::int64_t q = 0; q < k; ++q)
              total += at(x, (p * m + i) * k + q) * at(y, (p * k + q) * n + j);
            expected.push_back(total);
          }
      const auto check = [&](const std::function<Value(const Values&)>& f) {
        const Reals z = value_of({a, b}, {x, y}, f);
        ASSERT_EQ(z.size(), expected.size());
        for (std::size_t i = 0; i < z.size(); ++i)
          EXPECT_NEAR(z[i], expected[i], dtype == Dtype::f32 ? 2e-4 : 1e-12)
              << name_of(dtype) << ' ' << batch << ' ' << m << ' ' << k << ' ' << n;
      };
      check([](const Values& in) { return dot(in[0], in[1]); });
      check([](const Values& in) { return dot(transpose(in[0]), in[1], As::transposed, As::is); });
      check([](const Values& in) { return dot(in[0], transpose(in[1]), As::is, As::transposed); });
      check([](const Values& in) {
        return dot(transpose(in[0]), transpose(in[1]), As::transposed, As::transposed);
      });
      check([](const Values& in) { return matmul(in[0], in[1]); });
      check([](const Values& in) {
        return dot_general(in[0], permute(in[1], {1, 2, 0}), {{0}, {2}, {2}, {0}});
      });
    }
}

}  // namespace
}  // namespace r1::ml
