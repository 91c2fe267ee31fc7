// Convolutions with kernels of 3 x 3 by the minimal algorithm F(2 x 2, 3 x 3) (Winograd, "Arithmetic Complexity of Computations", 1980;
// Lavin, Gray, arXiv:1509.09308, eqs. 4 and 8): images are cut into tiles of 4 x 4 that overlap by two, and with
//   Y = A^T [(G w G^T) . (B^T x B)] A,   dw = G^T [(A dY A^T) . (B^T x B)] G     (the dot: element by element)
// 16 products for each pair of channels stand for 36. The sums over channels, or over tiles for dw, are 16 products of matrices. fp32 with
// channels last on CPUs; results differ from those of the direct sum by rounding.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/runtime/conv_kernels.hpp"

#include <memory>

namespace r1::ml {

/// Whether the algorithm can do this convolution and is faster than the direct one.
bool winograd_suits(const ConvShape& shape);

/// forward and dgrad
std::unique_ptr<Kernel> winograd_conv_kernel(const ConvShape& shape, ConvPart part);
std::unique_ptr<Kernel> winograd_wgrad_kernel(const ConvShape& shape);

}  // namespace r1::ml
