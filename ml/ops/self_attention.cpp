// Attention of heads that lie side by side: composites of attention and its gradient, whose kernels read and write them where they are.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/attention.hpp"
#include "ml/ops/composite.hpp"
#include "ml/ops/concat.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/runtime/attention_kernels.hpp"

namespace r1::ml {
namespace {

/// Between (N, T, H, D) and (N H, T, D).
struct Heads {
  std::int64_t samples, tokens, heads, width;

  explicit Heads(const Shape& qkv)
      : samples(qkv[0]), tokens(qkv[1]), heads(qkv[3]), width(qkv[4]) {}
  Shape side_by_side() const { return {samples, tokens, heads, width}; }
  Shape sums() const { return {samples, heads, tokens}; }
  Value apart(const Value& x) const {
    return reshape(permute(reshape(x, side_by_side()), {0, 2, 1, 3}),
                   {samples * heads, tokens, width});
  }
  Value together(const Value& x) const {
    return permute(reshape(x, {samples, heads, tokens, width}), {0, 2, 1, 3});
  }
  /// q, k, v
  Values parts(const Value& qkv) const {
    Values all = split(qkv, 2, {1, 1, 1});
    for (auto& part : all) part = apart(part);
    return all;
  }
  Value joined(const Values& parts) const {
    Values all;
    for (const auto& part : parts)
      all.push_back(reshape(together(part), {samples, tokens, 1, heads, width}));
    return concat(all, 2);
  }
};

void check(const Type& qkv, const Attributes& window) {
  const Shape& s = qkv.shape;
  require(is_floating(qkv.dtype) && s.rank() == 5 && s[1] > 0 && s[2] == 3,
          "queries, keys and values (N, T, 3, H, D) are needed, not {}", qkv.text());
  static_cast<void>(AttentionReach(window));  // has its attributes
}

std::vector<Example> examples_with(const std::vector<Example::Operand>& operands) {
  std::vector<Example> all;
  for (const std::int64_t causal : {0, 1})
    all.push_back({operands, {{"causal", causal}, {"length", std::int64_t{0}}}});
  all.push_back({operands, {{"causal", std::int64_t{1}}, {"length", std::int64_t{2}}}});
  return all;
}

const Type kExampleQkv{Dtype::f64, {2, 3, 3, 2, 2}}, kExampleY{Dtype::f64, {2, 3, 2, 2}},
    kExampleSums{Dtype::f64, {2, 2, 3}};

class SelfAttentionGradient final : public CompositeOp {
 public:
  std::string_view name() const override { return "self_attention_gradient"; }
  int arity() const override { return 4; }
  Spread spread(std::span<const Type> operands) const override {
    return spread_of_linear_in(operands.size() - 1, operands);
  }
  /// qkv, y, log_sum, dy -> dqkv
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& window) const override {
    check(operands[0], window);
    const Heads heads(operands[0].shape);
    const Type y = operands[0].with(heads.side_by_side());
    require(operands[1].is_like(y) && operands[2].is_like(y.with(heads.sums())) &&
                operands[3].is_like(y),
            "the gradient of attention needs y, log_sum and dy of {}", y.text());
    return {operands[0]};
  }
  Values compose(const Values& operands, const Attributes& window) const override {
    const Heads heads(operands[0].shape());
    Values all = heads.parts(operands[0]);
    all.push_back(heads.apart(operands[1]));
    all.push_back(reshape(operands[2], {heads.samples * heads.heads, heads.tokens}));
    all.push_back(heads.apart(operands[3]));
    return {heads.joined(attention_gradient(all, window))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return attention_gradient_kernel(request);
  }
  std::vector<Example> examples() const override {
    return examples_with({{kExampleQkv}, {kExampleY}, {kExampleSums, 1, 2}, {kExampleY}});
  }
} const kSelfAttentionGradient;

class SelfAttention final : public CompositeOp {
 public:
  std::string_view name() const override { return "self_attention"; }
  /// qkv -> y, log_sum (N, H, T)
  std::vector<Type> infer(std::span<const Type> operands, const Attributes& window) const override {
    check(operands[0], window);
    const Heads heads(operands[0].shape);
    return {operands[0].with(heads.side_by_side()), operands[0].with(heads.sums())};
  }
  Values compose(const Values& operands, const Attributes& window) const override {
    const Heads heads(operands[0].shape());
    const Values results = attention_and_sums(heads.parts(operands[0]), window);
    return {heads.together(results[0]), reshape(results[1], heads.sums())};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    if (cotangents[1]) return CompositeOp::vjp(node, cotangents);
    return {apply1(kSelfAttentionGradient, node.attributes,
                   {node.operands[0], node.result(0), node.result(1), cotangents[0]})};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return attention_kernel(request);
  }
  std::vector<Example> examples() const override { return examples_with({{kExampleQkv}}); }
} const kSelfAttention;

}  // namespace

Value self_attention(const Value& qkv, const AttentionWindow& window) {
  return apply(kSelfAttention, window.attributes(), {qkv})[0];
}

void add_self_attention(OpRegistry& registry) {
  registry.add(kSelfAttention);
  registry.add(kSelfAttentionGradient);
}

}  // namespace r1::ml
