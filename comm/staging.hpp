// Pinned host buffers through which device data travels when the transport cannot read device
// memory. They are kept for reuse: pinning pages costs more than most messages. Never used where
// the device is the host.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

#include <cstddef>
#include <memory>
#include <vector>

namespace r1 {

/// (capacity) bytes, capacity a power of two.
using StagingBuffer =
    Kokkos::View<unsigned char*, Kokkos::LayoutRight, Kokkos::SharedHostPinnedSpace>;

class StagingPool {
 public:
  static std::shared_ptr<StagingPool> make();

  /// A buffer of at least `bytes` that nothing uses any more.
  StagingBuffer take(std::size_t bytes);
  /// `exec` may still be copying out of the buffer: the next take() waits for that.
  void give_back(StagingBuffer buffer, const Exec& exec);

 private:
  struct Idle {
    StagingBuffer buffer;
    Exec last_user;
  };
  std::vector<Idle> idle_;
  std::weak_ptr<StagingPool> self_;
  bool hooked_ = false;  // Kokkos::finalize will empty the pool
};

/// Copies device -> staging or back, in the order of exec.
void copy_to_staging(const Exec& exec, const StagingBuffer& to, const void* device,
                     std::size_t bytes);
void copy_from_staging(const Exec& exec, void* device, const StagingBuffer& from,
                       std::size_t bytes);

}  // namespace r1
