// What an input of r1train asks for, beside what registries make: lengths, sizes, intervals, names. Plain values, no Kokkos here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"
#include "ml/data/batches.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace r1::ml {

/// A time in optimizer steps or in epochs; of both the one that is not 0.
struct TrainingTime {
  std::int64_t steps = 0;
  double epochs = 0;
  /// In steps, at least 1; 0 where it is no time.
  std::int64_t in_steps(std::int64_t steps_per_epoch) const;
};

struct TrainSettings {
  std::uint64_t seed = 0;
  TrainingTime length;
  std::int64_t batch_size = 1;  // samples of an optimizer step
  std::int64_t parts = 1;       // in which they are computed
  LastBatch last_batch = LastBatch::kept;
  std::optional<double> gradient_clip;
  TrainingTime validate_every;  // no time: only at the end
  std::int64_t metrics_every = 1;
  std::string directory;
};

/// `root` is checked against the schema; faults are recorded there.
TrainSettings read_train_settings(const io::Config& root);

}  // namespace r1::ml
