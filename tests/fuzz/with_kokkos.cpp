// Starts Kokkos for the targets that make potentials or systems; it ends with the process.
// SPDX-License-Identifier: Apache-2.0
#include "core/device.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <cstdlib>

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  Kokkos::initialize(
      Kokkos::InitializationSettings().set_num_threads(1).set_disable_warnings(true));
  std::atexit([] { Kokkos::finalize(); });
  return 0;
}
