// Device views with known contents for the tests of messages.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

#include <cstddef>
#include <vector>

namespace r1 {

/// (n): first, first + 1, ...
inline View<double*> device_numbers(std::size_t n, double first) {
  View<double*> view("device_numbers", n);
  const auto host = Kokkos::create_mirror_view(view);
  for (std::size_t i = 0; i < n; ++i) host(i) = first + static_cast<double>(i);
  Kokkos::deep_copy(view, host);
  return view;
}

inline std::vector<double> host_numbers(const View<double*>& view) {
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), view);
  return {host.data(), host.data() + host.size()};
}

}  // namespace r1
