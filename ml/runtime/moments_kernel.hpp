// The kernel of channel_moments (ml/ops/moments.cpp).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/kernel.hpp"

namespace r1::ml {

/// x (N, C, P...), or (N, P..., C) with the attribute "channels_last" -> mean (C), variance (C).
std::unique_ptr<Kernel> channel_moments_kernel(const KernelRequest& request);

}  // namespace r1::ml
