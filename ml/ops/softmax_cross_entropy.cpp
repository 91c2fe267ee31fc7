// softmax_cross_entropy(logits, labels) -> (loss, log_sum). Its gradient is a composite too: with p = exp(logits - log_sum) and t = 1 where a label
// is a class, else 0,   dlogits = dloss (p ((1 - s) t + s) - (1 - s) [class = label] - s/C).
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/softmax_cross_entropy.hpp"

#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/composite.hpp"
#include "ml/ops/control.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/reduce_max.hpp"
#include "ml/ops/registry.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/transcendental.hpp"
#include "ml/runtime/cross_entropy_kernels.hpp"

namespace r1::ml {
namespace {

Value column(const Value& x) { return reshape(x, {x.shape().elements(), 1}); }

/// (N, 1)
Value log_sum_of(const Value& logits) {
  const Integers last{1};
  // Subtracting a constant changes nothing, so no derivative has to go through it.
  const Value largest = stop_gradient(max_keeping(logits, last));
  return largest + log(sum_keeping(exp(logits - largest), last));
}

void check(std::span<const Type> operands) {
  const Type &logits = operands[0], &labels = operands[1];
  const bool indices = labels.dtype == Dtype::i32 || labels.dtype == Dtype::i64;
  require(logits.shape.rank() == 2 && is_floating(logits.dtype) && logits.shape[1] > 0 && indices &&
              labels.shape == Shape{logits.shape[0]},
          "logits (N, classes) and labels (N,) are needed, these are {} and {}", logits.text(),
          labels.text());
}

const Type kExampleLogits{Dtype::f64, {4, 3}}, kExampleLabels{Dtype::i32, {4}},
    kExampleRow{Dtype::f64, {4}};

class CrossEntropyGradient final : public CompositeOp {
 public:
  std::string_view name() const override { return "softmax_cross_entropy_gradient"; }
  /// logits, labels, log_sum, dloss -> dlogits
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    check(operands);
    const Type row = operands[0].with(Shape{operands[0].shape[0]});
    require(operands[2] == row && operands[3] == row,
            "a gradient of cross entropies needs log_sum and dloss of {}", row.text());
    return {operands[0]};
  }
  Values compose(const Values& operands, const Attributes& attributes) const override {
    const Value &logits = operands[0], &labels = operands[1];
    const double s = attributes.real("label_smoothing");
    const auto classes = logits.shape()[1];
    const Value label = column(labels);
    const Value classes_in_order = iota(logits, labels.dtype(), Shape{1, classes}, 1);
    const Value is_label = cast(equal(classes_in_order, label), logits.dtype());
    const Value p = exp(logits - column(operands[2]));
    const Value t = sum_keeping(is_label, {1});
    return {column(operands[3]) *
            (p * ((1 - s) * t + s) - (1 - s) * is_label - s / static_cast<double>(classes))};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return cross_entropy_gradient_kernel(request);
  }
  std::vector<Example> examples() const override {
    return {{{{kExampleLogits}, {kExampleLabels, -1, 4}, {kExampleRow, 1, 2}, {kExampleRow}},
             {{"label_smoothing", 0.1}}}};
  }
} const kCrossEntropyGradient;

class CrossEntropy final : public CompositeOp {
 public:
  std::string_view name() const override { return "softmax_cross_entropy"; }
  std::vector<Type> infer(std::span<const Type> operands, const Attributes&) const override {
    check(operands);
    const Type row = operands[0].with(Shape{operands[0].shape[0]});
    return {row, row};
  }
  Values compose(const Values& operands, const Attributes& attributes) const override {
    const Value &logits = operands[0], &labels = operands[1];
    const auto samples = logits.shape()[0], classes = logits.shape()[1];
    const double s = attributes.real("label_smoothing");
    const Value log_sum = log_sum_of(logits), log_p = logits - log_sum;
    const Value own = reshape(gather(log_p, column(labels)), {samples});
    const Value all = reduce_sum(log_p, {1}) * (s / static_cast<double>(classes));
    return {-((1 - s) * own + all), reshape(log_sum, {samples})};
  }
  Values vjp(const Node& node, const Values& cotangents) const override {
    if (cotangents[1]) return CompositeOp::vjp(node, cotangents);
    return {apply1(kCrossEntropyGradient, node.attributes,
                   {node.operands[0], node.operands[1], node.result(1), cotangents[0]}),
            Value()};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return cross_entropy_kernel(request);
  }
  std::vector<Example> examples() const override {
    std::vector<Example> all;
    for (const double smoothing : {0.0, 0.1})
      all.push_back(
          {{{kExampleLogits}, {kExampleLabels, -1, 4}}, {{"label_smoothing", smoothing}}});
    return all;
  }
} const kCrossEntropy;

}  // namespace

Value softmax_cross_entropy(const Value& logits, const Value& labels, double label_smoothing) {
  return apply(kCrossEntropy, {{"label_smoothing", label_smoothing}}, {logits, labels})[0];
}

void add_softmax_cross_entropy(OpRegistry& registry) {
  registry.add(kCrossEntropy);
  registry.add(kCrossEntropyGradient);
}

}  // namespace r1::ml
