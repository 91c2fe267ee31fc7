// What the profile needs of Kokkos, kept apart so that the rest includes none.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace r1::detail {

void push_kokkos_region(const std::string& name);
void pop_kokkos_region();
/// Waits for all kernels; does nothing where the device is the host or Kokkos is not running.
void fence_for_profile();

}  // namespace r1::detail
