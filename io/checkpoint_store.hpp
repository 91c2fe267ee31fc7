// The checkpoints of one folder: checkpoint.h5 and the one before it, checkpoint_prev.h5. A new one is written under a temporary
// name; then the present one becomes the previous, and the new one takes its name. At every moment, whatever fails, one of the
// two is a whole checkpoint once the first has been written.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/checkpoint.hpp"

#include <functional>
#include <optional>

namespace r1::io {

class CheckpointStore {
 public:
  explicit CheckpointStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path present() const { return folder_ / "checkpoint.h5"; }
  std::filesystem::path previous() const { return folder_ / "checkpoint_prev.h5"; }
  /// Whether there is any, whole or not.
  bool any() const;

  /// Collective; IoError on all ranks if a call failed on one. What was there stays.
  void save(const CheckpointWriter& writer, const Provenance& provenance) const;

  /// The present one, else the previous; none where neither exists. `warn` gets what is wrong with one that is passed over, on rank
  /// 0. CheckpointError if there are some and none can be used. Collective.
  std::optional<CheckpointReader> newest(const Communicator& comm,
                                         const std::function<void(const std::string&)>& warn) const;
  /// Removes both and what a killed writer has left.
  void remove() const;

 private:
  std::filesystem::path temporary() const { return folder_ / ".checkpoint.h5.tmp"; }
  std::filesystem::path folder_;
};

}  // namespace r1::io
