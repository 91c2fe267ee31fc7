// SPDX-License-Identifier: Apache-2.0
#include "comm/staging.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace r1 {
namespace {

using Raw = Kokkos::MemoryTraits<Kokkos::Unmanaged>;
template <class T, class Space>
using RawView = Kokkos::View<T*, Kokkos::LayoutRight, Space, Raw>;

}  // namespace

std::shared_ptr<StagingPool> StagingPool::make() {
  auto pool = std::make_shared<StagingPool>();
  pool->self_ = pool;
  return pool;
}

StagingBuffer StagingPool::take(std::size_t bytes) {
  const auto best = std::min_element(idle_.begin(), idle_.end(), [&](const Idle& a, const Idle& b) {
    // Those that are too small wrap to the largest values, so they come last.
    return a.buffer.size() - bytes < b.buffer.size() - bytes;
  });
  if (best != idle_.end() && best->buffer.size() >= bytes) {
    const Idle found = *best;
    idle_.erase(best);
    found.last_user.fence(
        "r1::StagingPool: the buffer's last copy is over before it is overwritten");
    return found.buffer;
  }
  if (!std::exchange(hooked_, true)) {
    // Views may not outlive Kokkos, communicators may.
    Kokkos::push_finalize_hook([weak = self_] {
      if (const auto pool = weak.lock()) {
        pool->idle_.clear();
        pool->hooked_ = false;
      }
    });
  }
  return StagingBuffer(Kokkos::view_alloc(Kokkos::WithoutInitializing, "r1::staging"),
                       std::bit_ceil(std::max<std::size_t>(bytes, 4096)));
}

void StagingPool::give_back(StagingBuffer buffer, const Exec& exec) {
  idle_.push_back({std::move(buffer), exec});
}

void copy_to_staging(const Exec& exec, const StagingBuffer& to, const void* device,
                     std::size_t bytes) {
  if (bytes == 0) return;
  const RawView<unsigned char, Kokkos::SharedHostPinnedSpace> target(to.data(), bytes);
  const RawView<const unsigned char, Mem> source(static_cast<const unsigned char*>(device), bytes);
  Kokkos::deep_copy(exec, target, source);
}

void copy_from_staging(const Exec& exec, void* device, const StagingBuffer& from,
                       std::size_t bytes) {
  if (bytes == 0) return;
  const RawView<unsigned char, Mem> target(static_cast<unsigned char*>(device), bytes);
  const RawView<const unsigned char, Kokkos::SharedHostPinnedSpace> source(from.data(), bytes);
  Kokkos::deep_copy(exec, target, source);
}

}  // namespace r1
