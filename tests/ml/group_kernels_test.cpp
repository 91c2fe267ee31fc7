// Kernels for GPUs that CPUs have others for: here they run on every device, and are compared with plain loops.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/attention_kernels.hpp"
#include "ml/runtime/gather_rows.hpp"
#include "ml/runtime/norm_kernels.hpp"
#include "ml/runtime/reduce.hpp"
#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace r1::ml {
namespace {

using test::random_reals;
using test::reals_of;
using test::tensor_of;

/// What `make`(request) computes.
template <class Make>
std::vector<Reals> results_of(const Make& make, const std::vector<Type>& operands,
                              const std::vector<Reals>& values, const std::vector<Type>& results,
                              const Attributes& attributes = {}) {
  std::vector<Tensor> from, to;
  std::vector<const void*> from_addresses;
  std::vector<void*> to_addresses;
  for (std::size_t k = 0; k < operands.size(); ++k) {
    from.push_back(tensor_of(operands[k], values[k]));
    from_addresses.push_back(from.back().data());
  }
  for (const auto& type : results) {
    to.emplace_back(type);
    to_addresses.push_back(to.back().data());
  }
  const auto kernel = make(KernelRequest{operands, results, attributes, Communicator::self()});
  const View<std::byte*> scratch("scratch", kernel->scratch_bytes());
  const Exec exec;
  kernel->run({exec, from_addresses, to_addresses, scratch.data()});
  exec.fence();
  std::vector<Reals> found;
  for (const auto& tensor : to) found.push_back(reals_of(tensor));
  return found;
}

void expect_near(const Reals& found, const Reals& expected, double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t k = 0; k < found.size(); ++k)
    ASSERT_NEAR(found[k], expected[k], tolerance) << "element " << k;
}

/// The index of the element of the result that element `at` of `shape` goes to.
std::size_t kept_index(const Shape& shape, const Integers& axes, std::size_t at) {
  std::size_t index = 0, factor = 1;
  for (int axis = shape.rank() - 1; axis >= 0; --axis) {
    const auto extent = static_cast<std::size_t>(shape[axis]);
    if (!std::binary_search(axes.begin(), axes.end(), axis)) {
      index += at % extent * factor;
      factor *= extent;
    }
    at /= extent;
  }
  return index;
}

Shape kept_shape(const Shape& shape, const Integers& axes) {
  std::vector<std::int64_t> kept;
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (!std::binary_search(axes.begin(), axes.end(), axis)) kept.push_back(shape[axis]);
  return Shape(kept);
}

Reals reduced(const Shape& shape, const Integers& axes, Reduction reduction, const Reals& x) {
  Reals y(static_cast<std::size_t>(kept_shape(shape, axes).elements()),
          reduction == Reduction::sum ? 0 : -std::numeric_limits<double>::infinity());
  for (std::size_t k = 0; k < x.size(); ++k) {
    double& to = y[kept_index(shape, axes, k)];
    to = reduction == Reduction::sum ? to + x[k] : std::max(to, x[k]);
  }
  return y;
}

Reals group_reduced(const Type& x, const Integers& axes, Reduction reduction, const Reals& values) {
  const auto make = [&](const KernelRequest& request) {
    return group_reduce_kernel(request, axes, reduction);
  };
  return results_of(make, {x}, {values}, {x.with(kept_shape(x.shape, axes))})[0];
}

struct Case {
  Shape shape;
  Integers axes;
};
const std::vector<Case> kReductions{{{5000}, {0}},         {{3, 70000}, {1}},
                                    {{900, 40}, {0}},      {{700, 3}, {0}},
                                    {{700, 3}, {1}},       {{4, 6, 10, 9}, {0, 2, 3}},
                                    {{4, 60, 7, 33}, {1}}, {{40, 2, 50, 3}, {0, 2}},
                                    {{2, 0, 3}, {0}},      {{1, 1}, {0, 1}}};

TEST(GroupKernels, ReduceOverAnyAxes) {
  for (const auto& [shape, axes] : kReductions)
    for (const auto reduction : {Reduction::sum, Reduction::max})
      for (const auto dtype : {Dtype::f64, Dtype::f32, Dtype::i32}) {
        const Type x{dtype, shape};
        const Reals values = random_reals(x, -40, 40, 1);
        SCOPED_TRACE(x.text());
        expect_near(group_reduced(x, axes, reduction, values),
                    reduced(shape, axes, reduction, values), dtype == Dtype::f32 ? 0.2 : 1e-9);
      }
}

TEST(GroupKernels, AMaximumKeepsNanAndInfinity) {
  const Type x{Dtype::f32, {2, 5000}};
  Reals values(10000, -std::numeric_limits<double>::infinity());
  const auto none = group_reduced(x, {1}, Reduction::max, values);
  EXPECT_EQ(none, (Reals{values[0], values[0]}));
  values[7000] = std::nan("");
  const auto one = group_reduced(x, {1}, Reduction::max, values);
  EXPECT_EQ(one[0], values[0]);
  EXPECT_TRUE(std::isnan(one[1]));
}

/// `rows` of which each pick takes one, some of them none.
Reals picks_of(std::int64_t batch, std::int64_t picks, double rows) {
  return random_reals({Dtype::i32, {batch, picks}}, -1, rows + 1, 3);
}

Reals scattered(const Shape& table, std::int64_t picks, const Reals& updates, const Reals& index) {
  Reals result(static_cast<std::size_t>(table.elements()));
  const auto columns = static_cast<std::size_t>(table[2]),
             rows = static_cast<std::size_t>(table[1]);
  for (std::size_t pick = 0; pick < index.size(); ++pick) {
    if (index[pick] < 0 || index[pick] >= static_cast<double>(rows)) continue;
    const std::size_t row =
        pick / static_cast<std::size_t>(picks) * rows + static_cast<std::size_t>(index[pick]);
    for (std::size_t k = 0; k < columns; ++k)
      result[row * columns + k] += updates[pick * columns + k];
  }
  return result;
}

TEST(GroupKernels, ScatterAddByOrder) {
  struct Sizes {
    std::int64_t batch, rows, picks, columns;
  };
  for (const auto& s : {Sizes{1, 65, 768, 128}, Sizes{1, 200, 8000, 3}, Sizes{3, 7, 50, 5},
                        Sizes{1, 2, 5000, 1}, Sizes{1, 4000, 30, 2}, Sizes{2, 3, 0, 4}}) {
    const Type table{Dtype::f64, {s.batch, s.rows, s.columns}},
        updates{Dtype::f64, {s.batch, s.picks, s.columns}}, index{Dtype::i32, {s.batch, s.picks}};
    const Reals values = random_reals(updates, -1, 1, 2),
                picks = picks_of(s.batch, s.picks, static_cast<double>(s.rows));
    const auto run = [&] {
      return results_of(ordered_scatter_add_kernel, {updates, index}, {values, picks}, {table})[0];
    };
    SCOPED_TRACE(table.text());
    const Reals found = run();
    expect_near(found, scattered(table.shape, s.picks, values, picks), 1e-11);
    EXPECT_EQ(found, run()) << "the same bits each time";
  }
}

/// dx, dscale and dshift by plain loops.
std::vector<Reals> norm_slopes(std::size_t rows, std::size_t features, bool centred,
                               const std::vector<Reals>& in) {
  const Reals &x = in[0], &scale = in[1], &r = in[centred ? 3 : 2], &dy = in[centred ? 4 : 3];
  std::vector<Reals> slopes{Reals(x.size()), Reals(features), Reals(features)};
  for (std::size_t row = 0; row < rows; ++row) {
    const auto u = [&](std::size_t i) {
      return (x[row * features + i] - (centred ? in[2][row] : 0)) * r[row];
    };
    double g = 0, gu = 0;
    for (std::size_t i = 0; i < features; ++i) {
      const double by = dy[row * features + i];
      g += centred ? by * scale[i] / static_cast<double>(features) : 0;
      gu += by * scale[i] * u(i) / static_cast<double>(features);
      slopes[1][i] += by * u(i);
      slopes[2][i] += by;
    }
    for (std::size_t i = 0; i < features; ++i)
      slopes[0][row * features + i] = r[row] * (dy[row * features + i] * scale[i] - g - u(i) * gu);
  }
  return slopes;
}

TEST(GroupKernels, NormGradient) {
  for (const bool centred : {true, false})
    for (const auto& [rows, features] :
         {std::pair<std::int64_t, std::int64_t>{768, 128}, {1, 5}, {37, 1}, {5000, 3}}) {
      const Type x{Dtype::f64, {rows, features}}, row{Dtype::f64, {features}},
          column{Dtype::f64, {rows}};
      std::vector<Type> operands{x, row, column, column, x}, results{x, row, row};
      if (!centred) operands.erase(operands.begin() + 2), results.pop_back();
      std::vector<Reals> values;
      for (const auto& type : operands)
        values.push_back(random_reals(type, 0.5, 2, 11 + values.size()));
      const auto found = results_of(group_norm_gradient_kernel, operands, values, results);
      const auto expected = norm_slopes(static_cast<std::size_t>(rows),
                                        static_cast<std::size_t>(features), centred, values);
      for (std::size_t k = 0; k < found.size(); ++k) expect_near(found[k], expected[k], 1e-9);
    }
}

/// Sizes and window of an attention, and its arrays.
struct Attended {
  std::int64_t batches, queries, keys, width, value_width, causal, length;
  Attributes attributes() const { return {{"causal", causal}, {"length", length}}; }
  Type rows(std::int64_t count, std::int64_t columns) const {
    return {Dtype::f64, {batches, count, columns}};
  }
  std::vector<Type> operands() const {
    return {rows(queries, width), rows(keys, width), rows(keys, value_width)};
  }
  std::vector<Reals> values() const {
    std::vector<Reals> all;
    for (const auto& type : operands()) all.push_back(random_reals(type, -2, 2, 5 + all.size()));
    return all;
  }
  bool sees(std::int64_t query, std::int64_t key) const {
    const std::int64_t place = query + keys - queries;
    return causal == 0 || (key <= place && (length == 0 || key > place - length));
  }
};

/// Calls f(query, key, p) with p = softmax of the scores, for all batches; rows are counted over these.
template <class F>
void for_each_pair(const Attended& a, const std::vector<Reals>& qkv, const F& f) {
  const auto score = [&](std::int64_t row, std::int64_t column) {
    double sum = 0;
    for (std::int64_t d = 0; d < a.width; ++d)
      sum += qkv[0][static_cast<std::size_t>(row * a.width + d)] *
             qkv[1][static_cast<std::size_t>(column * a.width + d)];
    return sum / std::sqrt(static_cast<double>(a.width));
  };
  for (std::int64_t row = 0; row < a.batches * a.queries; ++row) {
    const std::int64_t first = row / a.queries * a.keys;
    double total = 0;
    for (std::int64_t key = 0; key < a.keys; ++key)
      if (a.sees(row % a.queries, key)) total += std::exp(score(row, first + key));
    for (std::int64_t key = 0; key < a.keys; ++key)
      if (a.sees(row % a.queries, key))
        f(row, first + key, std::exp(score(row, first + key)) / total);
  }
}

/// to[row] += factor * from[other]
void add_row(Reals& to, std::int64_t row, double factor, const Reals& from, std::int64_t other,
             std::int64_t width) {
  for (std::int64_t d = 0; d < width; ++d)
    to[static_cast<std::size_t>(row * width + d)] +=
        factor * from[static_cast<std::size_t>(other * width + d)];
}
double product(const Reals& a, std::int64_t row, const Reals& b, std::int64_t other,
               std::int64_t width) {
  double sum = 0;
  for (std::int64_t d = 0; d < width; ++d)
    sum += a[static_cast<std::size_t>(row * width + d)] *
           b[static_cast<std::size_t>(other * width + d)];
  return sum;
}

const std::vector<Attended> kAttended{{2, 5, 5, 3, 4, 0, 0},       {2, 40, 70, 8, 8, 1, 0},
                                      {3, 64, 64, 32, 32, 1, 0},   {1, 50, 90, 5, 33, 1, 7},
                                      {1, 17, 33, 300, 260, 0, 0}, {1, 0, 3, 2, 2, 0, 0}};

TEST(GroupKernels, Attention) {
  for (const auto& a : kAttended) {
    const auto qkv = a.values();
    const Type y = a.rows(a.queries, a.value_width), log_sum{Dtype::f64, {a.batches, a.queries}};
    const auto found =
        results_of(group_attention_kernel, a.operands(), qkv, {y, log_sum}, a.attributes());
    Reals expected(static_cast<std::size_t>(y.shape.elements()));
    for_each_pair(a, qkv, [&](std::int64_t row, std::int64_t key, double p) {
      add_row(expected, row, p, qkv[2], key, a.value_width);
    });
    SCOPED_TRACE(y.text());
    expect_near(found[0], expected, 1e-12);
  }
}

/// dq, dk, dv of sum(y * dy).
std::vector<Reals> gradient_of(const Attended& a, const std::vector<Reals>& qkv, const Reals& y,
                               const Reals& dy) {
  std::vector<Reals> slopes;
  for (const auto& x : qkv) slopes.emplace_back(x.size());
  for_each_pair(a, qkv, [&](std::int64_t row, std::int64_t key, double p) {
    const double slope =
        product(dy, row, qkv[2], key, a.value_width) - product(dy, row, y, row, a.value_width);
    const double z = p * slope / std::sqrt(static_cast<double>(a.width));
    add_row(slopes[0], row, z, qkv[1], key, a.width);
    add_row(slopes[1], key, z, qkv[0], row, a.width);
    add_row(slopes[2], key, p, dy, row, a.value_width);
  });
  return slopes;
}

TEST(GroupKernels, AttentionGradient) {
  for (const auto& a : kAttended) {
    const Type y = a.rows(a.queries, a.value_width), log_sum{Dtype::f64, {a.batches, a.queries}};
    auto operands = a.operands();
    auto values = a.values();
    const auto forward =
        results_of(group_attention_kernel, operands, values, {y, log_sum}, a.attributes());
    const Reals dy = random_reals(y, -1, 1, 9);
    const auto expected = gradient_of(a, values, forward[0], dy);
    const auto results = operands;
    operands.insert(operands.end(), {y, log_sum, y});
    values.insert(values.end(), {forward[0], forward[1], dy});
    const auto found =
        results_of(group_attention_gradient_kernel, operands, values, results, a.attributes());
    SCOPED_TRACE(y.text());
    for (std::size_t k = 0; k < expected.size(); ++k) expect_near(found[k], expected[k], 1e-11);
  }
}

/// (N, T, parts, H, D) from `parts` of (N H, T, D), and back.
Reals side_by_side(const std::vector<Reals>& parts, std::int64_t heads, std::int64_t tokens,
                   std::int64_t width) {
  const auto batches = static_cast<std::int64_t>(parts[0].size()) / tokens / width;
  Reals all;
  for (std::int64_t sample = 0; sample < batches / heads; ++sample)
    for (std::int64_t token = 0; token < tokens; ++token)
      for (const auto& part : parts)
        for (std::int64_t head = 0; head < heads; ++head)
          for (std::int64_t d = 0; d < width; ++d)
            all.push_back(part[static_cast<std::size_t>(
                ((sample * heads + head) * tokens + token) * width + d)]);
  return all;
}

TEST(GroupKernels, AttentionOfHeadsSideBySide) {
  constexpr std::int64_t kSamples = 2, kHeads = 3, kTokens = 37, kWidth = 12;
  const Attended a{kSamples * kHeads, kTokens, kTokens, kWidth, kWidth, 1, 0};
  const auto together = [&](const std::vector<Reals>& parts) {
    return side_by_side(parts, kHeads, kTokens, kWidth);
  };
  const Type y = a.rows(kTokens, kWidth), sums{Dtype::f64, {a.batches, kTokens}},
             qkv{Dtype::f64, {kSamples, kTokens, 3, kHeads, kWidth}},
             y_together{Dtype::f64, {kSamples, kTokens, kHeads, kWidth}};
  auto values = a.values();
  const auto of = [&](const auto& make, const std::vector<Type>& operands,
                      const std::vector<Reals>& x, const std::vector<Type>& results) {
    return results_of(make, operands, x, results, a.attributes());
  };
  const auto apart = of(group_attention_kernel, a.operands(), values, {y, sums});
  const auto found = of(group_attention_kernel, {qkv}, {together(values)}, {y_together, sums});
  EXPECT_EQ(found[0], together({apart[0]}));
  EXPECT_EQ(found[1], apart[1]);

  const Reals dy = random_reals(y, -1, 1, 9);
  auto operands = a.operands();
  const auto slopes_of = operands;
  operands.insert(operands.end(), {y, sums, y});
  const Reals qkv_values = together(values);
  values.insert(values.end(), {apart[0], apart[1], dy});
  const auto slopes = of(group_attention_gradient_kernel, operands, values, slopes_of);
  const auto slopes_found = of(group_attention_gradient_kernel, {qkv, y_together, sums, y_together},
                               {qkv_values, found[0], found[1], together({dy})}, {qkv});
  EXPECT_EQ(slopes_found[0], together(slopes));
}

}  // namespace
}  // namespace r1::ml
