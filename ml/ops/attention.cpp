// attention(q, k, v) -> (y, log_sum), where log_sum (B, T) is the logarithm of the sum of a query's exponentials. Its gradient is a composite
// too: with p = exp(q k^T s - log_sum), s = 1/sqrt(D), and d_t = sum over e of dy y (Dao et al., arXiv:2205.14135, algorithm 4),
//   dv = p^T dy,   z = p (dy v^T - d) s,   dq = z k,   dk = z^T q.
// The compositions go over blocks of queries, so that derivatives of any order need no memory for all scores at once.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/attention.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/composite.hpp"
#include "ml/ops/concat.hpp"
#include "ml/ops/control.hpp"
#include "ml/ops/dot.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/reduce_max.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/slice.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/runtime/attention_kernels.hpp"

#include <algorithm>
#include <cmath>

namespace r1::ml {
namespace {

/// Large enough to vanish behind an exponential, small enough to be subtracted from.
constexpr double kHidden = -1e30;
constexpr std::int64_t kBlock = 128;  // queries of a block of the compositions

double scale_of(const Value& q) { return 1 / std::sqrt(static_cast<double>(q.shape()[2])); }

/// Rows [begin, end) of axis 1.
Value rows(const Value& x, std::int64_t begin, std::int64_t end) {
  return slice_axis(x, 1, begin, end);
}

/// The adjoint of rows(): zeros around.
Value rows_among(const Value& x, std::int64_t begin, std::int64_t all) {
  return pad(x, {0, begin, 0}, {0, all - begin - x.shape()[1], 0}, {0, 0, 0});
}

/// A block of queries with the keys that one of them sees.
struct Block {
  std::int64_t begin, end;              // queries
  std::int64_t first_key, end_of_keys;  // keys
  Value scores;  // (B, queries, keys), scaled; kHidden where the window hides

  Block(const Value& q, const Value& k, const AttentionReach& reach, std::int64_t first)
      : begin(first), end(std::min(first + kBlock, q.shape()[1])) {
    const auto queries = q.shape()[1], keys = k.shape()[1];
    first_key = reach.first_key(begin, queries, keys);
    end_of_keys = reach.end_of_keys(end - 1, queries, keys);
    const Value s =
        dot(rows(q, begin, end), rows(k, first_key, end_of_keys), As::is, As::transposed);
    scores = s * scale_of(q);
    if (reach.hides())
      scores = select(visible(q, reach, keys - queries), scores, constant_like(scores, kHidden));
  }

 private:
  Value visible(const Value& near, const AttentionReach& reach, std::int64_t ahead) const {
    const Shape shape{end - begin, end_of_keys - first_key};
    const Value key = iota(near, Dtype::i32, shape, 1) + static_cast<double>(first_key);
    const Value place = iota(near, Dtype::i32, shape, 0) + static_cast<double>(begin + ahead);
    const Value earlier = key <= place;
    if (reach.length == AttentionReach::kUnlimited) return earlier;
    return logical_and(earlier, place < key + static_cast<double>(reach.length));
  }
};

std::vector<Block> blocks_of(const Value& q, const Value& k, const Attributes& attributes) {
  const AttentionReach reach(attributes);
  std::vector<Block> blocks;
  for (std::int64_t first = 0; first < q.shape()[1]; first += kBlock)
    blocks.emplace_back(q, k, reach, first);
  return blocks;
}

void check(std::span<const Type> operands, const Attributes& attributes) {
  const Shape &q = operands[0].shape, &k = operands[1].shape, &v = operands[2].shape;
  const bool fit = q.rank() == 3 && k.rank() == 3 && v.rank() == 3 && q[0] == k[0] &&
                   k[0] == v[0] && k[1] == v[1] && q[2] == k[2] && k[1] > 0;
  const bool one_type = is_floating(operands[0].dtype) && operands[0].dtype == operands[1].dtype &&
                        operands[1].dtype == operands[2].dtype;
  require(fit && one_type, "q (B, T, D), k (B, S, D) and v (B, S, E) do not fit: {}, {} and {}",
          operands[0].text(), operands[1].text(), operands[2].text());
  require(!AttentionReach(attributes).hides() || q[1] <= k[1],
          "a window needs a key for each query, these are {} and {}", operands[0].text(),
          operands[1].text());
}

std::vector<Example> examples_with(const std::vector<Example::Operand>& operands) {
  std::vector<Example> all;
  for (const std::int64_t causal : {0, 1})
    all.push_back({operands, {{"causal", causal}, {"length", std::int64_t{0}}}});
  all.push_back({operands, {{"causal", std::int64_t{1}}, {"length", std::int64_t{2}}}});
  return all;
}

const Type kExampleQ{Dtype::f64, {2, 3, 2}}, kExampleK{Dtype::f64, {2, 4, 2}},
    kExampleV{Dtype::f64, {2, 4, 3}}, kExampleY{Dtype::f64, {2, 3, 3}},
    kExampleRow{Dtype::f64, {2, 3}};

class AttentionGradient final : public CompositeOp {
 public:
  std::string_view name() const override { return "attention_gradient"; }
  int arity() const override { return 6; }
  Spread spread(std::span<const Type> operands) const override {
    return spread_of_linear_in(operands.size() - 1, operands);
  }
  /// q, k, v, y, log_sum, dy -> dq, dk, dv
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    check(operands, attributes);
    const Shape &q = operands[0].shape, &v = operands[2].shape;
    const Type y = operands[0].with(Shape{q[0], q[1], v[2]});
    require(operands[3].is_like(y) && operands[5].is_like(y) &&
                operands[4].is_like(y.with(Shape{q[0], q[1]})),
            "the gradient of attention needs y, log_sum and dy of {}", y.text());
    return {operands[0], operands[1], operands[2]};
  }
  Values compose(const Values& operands, const Attributes& attributes) const override {
    const Value &q = operands[0], &k = operands[1], &v = operands[2];
    const auto keys = k.shape()[1];
    Values dq;
    Value dk, dv;
    for (const auto& block : blocks_of(q, k, attributes)) {
      const auto own = [&](const Value& x) { return rows(x, block.begin, block.end); };
      const auto seen = [&](const Value& x) { return rows(x, block.first_key, block.end_of_keys); };
      const auto by_query = [](const Value& x) {
        return reshape(x, {x.shape()[0], x.shape()[1], 1});
      };
      const Value log_sum = own(by_query(operands[4])), dy = own(operands[5]);
      const Value p = exp(block.scores - log_sum);
      const Value z =
          p * (dot(dy, seen(v), As::is, As::transposed) - sum_keeping(dy * own(operands[3]), {2})) *
          scale_of(q);
      dq.push_back(dot(z, seen(k)));
      dk = accumulate(dk, rows_among(dot(z, own(q), As::transposed), block.first_key, keys));
      dv = accumulate(dv, rows_among(dot(p, dy, As::transposed), block.first_key, keys));
    }
    if (dq.empty()) return {q, zeros_like(k), zeros_like(v)};  // no queries
    return {concat(dq, 1), dk, dv};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return attention_gradient_kernel(request);
  }
  std::vector<Example> examples() const override {
    return examples_with(
        {{kExampleQ}, {kExampleK}, {kExampleV}, {kExampleY}, {kExampleRow, 1, 2}, {kExampleY}});
  }
} const kAttentionGradient;

class Attention final : public CompositeOp {
 public:
  std::string_view name() const override { return "attention"; }
  int arity() const override { return 3; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    check(operands, attributes);
    const Shape& q = operands[0].shape;
    return {operands[0].with(Shape{q[0], q[1], operands[2].shape[2]}),
            operands[0].with(Shape{q[0], q[1]})};
  }
  Values compose(const Values& operands, const Attributes& attributes) const override {
    const Value &q = operands[0], &k = operands[1], &v = operands[2];
    Values y, log_sums;
    for (const auto& block : blocks_of(q, k, attributes)) {
      // Subtracting a constant changes nothing, so no derivative has to go through it.
      const Value largest = stop_gradient(max_keeping(block.scores, {2}));
      const Value e = exp(block.scores - largest);
      const Value total = sum_keeping(e, {2});
      y.push_back(dot(e, rows(v, block.first_key, block.end_of_keys)) / total);
      log_sums.push_back(largest + log(total));
    }
    if (y.empty()) {  // no queries
      const std::vector<Type> operand_types{q.type(), k.type(), v.type()};
      const auto types = infer(operand_types, attributes);
      return {constant(*q.node->store, 0.0, types[0]), constant(*q.node->store, 0.0, types[1])};
    }
    return {concat(y, 1), reshape(concat(log_sums, 1), {q.shape()[0], q.shape()[1]})};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    if (cotangents[1]) return CompositeOp::vjp(node, cotangents);
    const auto& x = node.operands;
    return attention_gradient({x[0], x[1], x[2], node.result(0), node.result(1), cotangents[0]},
                              node.attributes);
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return attention_kernel(request);
  }
  std::vector<Example> examples() const override {
    return examples_with({{kExampleQ}, {kExampleK}, {kExampleV}});
  }
} const kAttention;

}  // namespace

Attributes AttentionWindow::attributes() const {
  require(kind != Kind::sliding || length > 0, "a window of {} shows nothing", length);
  return {{"causal", std::int64_t{kind == Kind::all ? 0 : 1}},
          {"length", kind == Kind::sliding ? length : std::int64_t{0}}};
}

Value attention(const Value& q, const Value& k, const Value& v, const AttentionWindow& window) {
  return attention_and_sums({q, k, v}, window.attributes())[0];
}

Values attention_and_sums(const Values& qkv, const Attributes& window) {
  return apply(kAttention, window, qkv);
}

Values attention_gradient(const Values& operands, const Attributes& window) {
  return apply(kAttentionGradient, window, operands);
}

void add_attention_ops(OpRegistry& registry) {
  registry.add(kAttention);
  registry.add(kAttentionGradient);
}

}  // namespace r1::ml
