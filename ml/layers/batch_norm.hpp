// Batch normalisation (Ioffe, Szegedy, arXiv:1502.03167): each channel gets mean 0 and variance 1 over the batch, then a scale and a
// shift. In evaluation running means over the steps of training stand for those of the batch.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/layers/model_trace.hpp"

namespace r1::ml {

struct BatchNormalized {
  Value y;               // (N, C, ...)
  Value mean, variance;  // (C): of the batch; the variance is the biased one
};

/// y = (x - mean)/sqrt(variance + epsilon) scale + shift, mean and variance over all axes but 1. x (N, C, ...), scale and shift (C).
BatchNormalized batch_norm(const Value& x, const Value& scale, const Value& shift,
                           double epsilon = 1e-5);
/// The same with a given mean and variance (C).
Value batch_norm_by(const Value& mean, const Value& variance, const Value& x, const Value& scale,
                    const Value& shift, double epsilon = 1e-5);

struct BatchNormOptions {
  double epsilon = 1e-5;
  double momentum = 0.1;  // weight of the newest batch in the running means
};

/// With parameters "scale" (C), one at the start, and "shift" (C), zero at the start, and states "running_mean" and "running_variance" (C):
///   running = (1 - momentum) running + momentum new,
/// new the batch's mean, or its unbiased variance, n/(n - 1) times the biased one for n values a channel.
Value batch_norm_layer(ModelTrace& trace, const Value& x, const BatchNormOptions& options = {});

}  // namespace r1::ml
