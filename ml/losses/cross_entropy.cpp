// SPDX-License-Identifier: Apache-2.0
#include "ml/losses/cross_entropy.hpp"

#include "ml/graph/shape_error.hpp"
#include "ml/losses/loss.hpp"
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/broadcast.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/reshape.hpp"
#include "ml/ops/softmax_cross_entropy.hpp"
#include "ml/ops/topk.hpp"

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
    return by_sample(softmax_cross_entropy(logits, labels, label_smoothing_), target);
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
