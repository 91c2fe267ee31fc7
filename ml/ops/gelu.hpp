// The Gaussian error linear unit (Hendrycks, Gimpel, arXiv:1606.08415), in its exact form: a pointwise composite.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/value.hpp"

namespace r1::ml {

/// x times the normal distribution's integral up to x, x (1 + erf(x/sqrt 2))/2.
Value gelu(const Value& x);

}  // namespace r1::ml
