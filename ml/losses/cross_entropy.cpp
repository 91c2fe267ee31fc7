// SPDX-License-Identifier: Apache-2.0
#include "ml/losses/cross_entropy.hpp"

#include "ml/graph/shape_error.hpp"
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

}  // namespace r1::ml
