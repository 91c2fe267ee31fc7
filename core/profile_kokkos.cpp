// SPDX-License-Identifier: Apache-2.0
#include "core/device.hpp"
#include "core/profile_detail.hpp"

namespace r1::detail {

void push_kokkos_region(const std::string& name) { Kokkos::Profiling::pushRegion(name); }
void pop_kokkos_region() { Kokkos::Profiling::popRegion(); }

void fence_for_profile() {
  if (kDeviceIsHost || !Kokkos::is_initialized() || Kokkos::is_finalized()) return;
  Kokkos::fence("r1::Profile: the region's kernels are over at its edges");
}

}  // namespace r1::detail
