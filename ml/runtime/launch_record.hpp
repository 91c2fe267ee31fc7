// Launches of a stream, recorded once to be repeated by one call: on CUDA a graph. A step of a small model is bound by what its launches
// cost the host; a record costs one. One of launch_record_cuda.cpp and launch_record_unaided.cpp is linked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

#include <functional>
#include <memory>

namespace r1::ml {

class LaunchRecord {
 public:
  LaunchRecord();
  ~LaunchRecord();
  LaunchRecord(LaunchRecord&&) noexcept;
  LaunchRecord& operator=(LaunchRecord&&) noexcept;

  /// Whether launches of this build's device can be recorded.
  static bool available();

  /// Records what `launch` launches on `exec`; nothing of it runs. It has run before, does not wait for the device, and neither allocates
  /// nor frees. Addresses become part of the record.
  void record(const Exec& exec, const std::function<void()>& launch);
  bool recorded() const { return recorded_ != nullptr; }
  /// All that was recorded, in its order, on `exec`.
  void run(const Exec& exec) const;

 private:
  struct Recorded;
  std::unique_ptr<Recorded> recorded_;
};

}  // namespace r1::ml
