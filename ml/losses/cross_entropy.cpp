// SPDX-License-Identifier: Apache-2.0
#include "ml/losses/cross_entropy.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/losses/loss.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/control.hpp"
#include "ml/ops/gather.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/reduce_max.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/topk.hpp"
#include "ml/ops/transcendental.hpp"

namespace r1::ml {
namespace {

void check(const Value& logits, const Value& labels) {
  require(logits.shape().rank() == 2 && labels.shape() == Shape{logits.shape()[0]},
          "logits (N, classes) and labels (N,) are needed, these are {} and {}",
          logits.type().text(), labels.type().text());
}

/// Samples of one label, or of one at each place: (N, ..., C) and (N, ...).
class CrossEntropy final : public Loss {
 public:
  explicit CrossEntropy(double label_smoothing) : label_smoothing_(label_smoothing) {}
  Value of_samples(const Value& prediction, const Value& target) const override {
    const auto [logits, labels] = flat(prediction, target);
    return by_sample(cross_entropy(logits, labels, label_smoothing_), target);
  }
  Value accuracy(const Value& prediction, const Value& target) const override {
    const auto [logits, labels] = flat(prediction, target);
    return by_sample(is_right(logits, labels), target);
  }
  bool wants_classes() const override { return true; }

 private:
  static std::pair<Value, Value> flat(const Value& prediction, const Value& target) {
    const Shape &p = prediction.shape(), &t = target.shape();
    require(p.rank() >= 2 && without_axes(p, {p.rank() - 1}) == t,
            "the model gives {}, expected logits (N, ..., classes) for labels {}",
            prediction.type().text(), target.type().text());
    return {reshape(prediction, {t.elements(), p[p.rank() - 1]}), reshape(target, {t.elements()})};
  }
  static Value by_sample(const Value& values, const Value& target) {
    const auto samples = target.shape()[0];
    const auto each = samples == 0 ? 1 : target.shape().elements() / samples;
    return each == 1 ? values : mean(reshape(values, {samples, each}), {1});
  }

  double label_smoothing_;
};

}  // namespace

Value log_softmax(const Value& logits) {
  const std::int64_t last = logits.shape().rank() - 1;
  // Subtracting a constant changes nothing, so no derivative has to go through it.
  const Value shifted = logits - stop_gradient(max_keeping(logits, {last}));
  return shifted - log(sum_keeping(exp(shifted), {last}));
}

Value cross_entropy(const Value& logits, const Value& labels, double label_smoothing) {
  check(logits, labels);
  const auto samples = logits.shape()[0], classes = logits.shape()[1];
  const Value log_p = log_softmax(logits);
  const Value own = reshape(gather(log_p, reshape(labels, {samples, 1})), {samples});
  if (label_smoothing == 0) return -own;
  const Value all = reduce_sum(log_p, {1}) * (label_smoothing / static_cast<double>(classes));
  return -((1 - label_smoothing) * own + all);
}

Value is_right(const Value& logits, const Value& labels) {
  check(logits, labels);
  const Value found = reshape(top_k(logits, 1), labels.shape());
  return cast(equal(found, cast(labels, Dtype::i32)), logits.dtype());
}

void add_cross_entropy(LossRegistry& registry) {
  using namespace io;
  const Schema options = mapping({Key("label_smoothing", real().min(0).max(1),
                                      "Share of the target that is spread over all classes.")
                                      .or_("0.0")});
  registry.add("cross_entropy", "Cross entropy of classes.", options,
               [](const Config& config, const LossContext&) {
                 return std::make_unique<CrossEntropy>(config["label_smoothing"].real());
               });
}

}  // namespace r1::ml
