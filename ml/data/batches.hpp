// Batches of a data set: which samples make up which step is a pure function of the step, so that a run that goes on, or repeats a
// step to find out what went wrong, gets the same ones. A thread reads ahead.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/data/dataset.hpp"

#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>

namespace r1::ml {

enum class Shuffle : std::uint8_t { no, yes };
enum class LastBatch : std::uint8_t { kept, dropped };  // of an epoch, where it is not full

/// The samples of each step.
class BatchOrder {
 public:
  BatchOrder(std::int64_t samples, std::int64_t batch_size, Shuffle shuffle, LastBatch last,
             std::uint64_t seed);

  std::int64_t steps_per_epoch() const;
  std::int64_t epoch_of(std::int64_t step) const { return step / steps_per_epoch(); }
  /// How many samples step `step` has; all but the last of an epoch are full.
  std::int64_t size_of(std::int64_t step) const;
  /// Sample `k` of step `step`. Keeps the order of the epoch asked for last.
  Pick pick(std::int64_t step, std::int64_t k);

 private:
  void shuffle_for(std::int64_t epoch);

  std::int64_t samples_, batch_size_;
  Shuffle shuffle_;
  LastBatch last_;
  std::uint64_t seed_;
  std::int64_t shuffled_ = -1;  // epoch of order_
  std::vector<std::int64_t> order_;
};

/// One after the other, in host memory.
struct Batch {
  std::int64_t step = 0;
  std::vector<std::byte> x, y;
  std::vector<std::int64_t> samples;  // their numbers in the data set
  std::int64_t size() const { return static_cast<std::int64_t>(samples.size()); }
};

/// Reads the samples of `step`.
Batch read_batch(const Dataset& data, BatchOrder& order, std::int64_t step);

/// Batches from step `first` to `end` - 1, read ahead by a thread. There is memory from the start for those that wait, one that is read and
/// one that is used: no more is needed where used ones are given back.
class BatchReader {
 public:
  static constexpr std::size_t kAhead = 4;  // batches

  BatchReader(const Dataset& data, BatchOrder order, std::int64_t first, std::int64_t end);
  ~BatchReader();
  BatchReader(const BatchReader&) = delete;
  BatchReader& operator=(const BatchReader&) = delete;

  /// The next one; throws what reading it threw. Not called more often than there are batches.
  Batch next();
  /// Gives the memory of a batch back, for one that is read later.
  void recycle(Batch batch);

 private:
  void read_all(std::int64_t first, std::int64_t end);

  const Dataset& data_;
  BatchOrder order_;  // the thread's
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> ready_, spare_;
  std::exception_ptr failure_;
  bool leave_ = false;
  std::thread thread_;  // the last member: it uses the others
};

}  // namespace r1::ml
