// For the targets that need no Kokkos.
// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) { return 0; }
