// The one device of a build: execution space, memory, view types. Everything in a hot loop is written against these names;
// this is the only header of the project where conditional compilation is allowed.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Kokkos_Core.hpp>

#include <cstdint>

namespace r1 {

using Exec = Kokkos::DefaultExecutionSpace;
using Mem = Exec::memory_space;
using HostExec = Kokkos::DefaultHostExecutionSpace;

/// Device memory, row-major: View<double* [4]> is (N, 4) with the last index fastest on every backend.
template <class T>
using View = Kokkos::View<T, Kokkos::LayoutRight, Mem>;
template <class T>
using HostView = Kokkos::View<T, Kokkos::LayoutRight, Kokkos::HostSpace>;

/// A host copy of a device view; the same memory where the device is the host.
template <class T>
using MirrorOf = typename T::HostMirror;

/// True where device code runs on the host's cores: kernels there use half lists and SIMD quads, GPUs full lists.
inline constexpr bool kDeviceIsHost =
    Kokkos::SpaceAccessibility<Kokkos::HostSpace, Mem>::accessible;

using Range = Kokkos::RangePolicy<Exec, Kokkos::IndexType<int>>;

/// Allocates a view whose contents the caller writes before anyone reads them.
template <class V, class... N>
V uninitialized(const Exec& exec, const char* label, N... n) {
  return V(Kokkos::view_alloc(exec, Kokkos::WithoutInitializing, std::string(label)), n...);
}

}  // namespace r1
