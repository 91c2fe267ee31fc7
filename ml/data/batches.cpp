// SPDX-License-Identifier: Apache-2.0
#include "ml/data/batches.hpp"

#include "core/error.hpp"
#include "core/random.hpp"

#include <algorithm>
#include <numeric>

namespace r1::ml {
namespace {

constexpr std::uint64_t kShuffleStream = 0x73687566;

void fill_batch(const Dataset& data, BatchOrder& order, std::int64_t step, Batch& batch) {
  const auto size = static_cast<std::size_t>(order.size_of(step));
  const auto x = data.x().bytes(), y = data.y().bytes();
  batch.step = step;
  batch.x.resize(size * x);
  batch.y.resize(size * y);
  batch.samples.resize(size);
  for (std::size_t k = 0; k < size; ++k) {
    const auto pick = order.pick(step, static_cast<std::int64_t>(k));
    data.read(pick, batch.x.data() + k * x, batch.y.data() + k * y);
    batch.samples[k] = pick.index;
  }
}

}  // namespace

BatchOrder::BatchOrder(std::int64_t samples, std::int64_t batch_size, Shuffle shuffle,
                       LastBatch last, std::uint64_t seed)
    : samples_(samples), batch_size_(batch_size), shuffle_(shuffle), last_(last), seed_(seed) {
  R1_ASSERT(samples > 0 && batch_size > 0 && steps_per_epoch() > 0);
}

std::int64_t BatchOrder::steps_per_epoch() const {
  const auto full = samples_ / batch_size_;
  return last_ == LastBatch::kept && samples_ % batch_size_ != 0 ? full + 1 : full;
}

std::int64_t BatchOrder::size_of(std::int64_t step) const {
  const auto begin = step % steps_per_epoch() * batch_size_;
  return std::min(batch_size_, samples_ - begin);
}

Pick BatchOrder::pick(std::int64_t step, std::int64_t k) {
  const auto epoch = epoch_of(step), at = step % steps_per_epoch() * batch_size_ + k;
  if (shuffle_ == Shuffle::no) return {epoch, at};
  if (shuffled_ != epoch) shuffle_for(epoch);
  return {epoch, order_[static_cast<std::size_t>(at)]};
}

/// Fisher and Yates', with numbers that depend on seed and epoch alone.
void BatchOrder::shuffle_for(std::int64_t epoch) {
  const TensorRandom random(seed_, kShuffleStream);
  order_.resize(static_cast<std::size_t>(samples_));
  std::iota(order_.begin(), order_.end(), std::int64_t{0});
  for (std::size_t k = order_.size(); k > 1; --k) {
    const auto bits = random.block(k, static_cast<std::uint64_t>(epoch), 0);
    const double u = unit_interval(bits[0], bits[1]);
    const auto other = std::min(k - 1, static_cast<std::size_t>(u * static_cast<double>(k)));
    std::swap(order_[k - 1], order_[other]);
  }
  shuffled_ = epoch;
}

Batch read_batch(const Dataset& data, BatchOrder& order, std::int64_t step) {
  Batch batch;
  fill_batch(data, order, step, batch);
  return batch;
}

BatchReader::BatchReader(const Dataset& data, BatchOrder order, std::int64_t first,
                         std::int64_t end)
    : data_(data), order_(std::move(order)) {
  const auto samples = static_cast<std::size_t>(first < end ? order_.size_of(0) : 0);
  for (std::size_t k = 0; k < kAhead + 2; ++k) {
    Batch batch;
    batch.x.reserve(samples * data_.x().bytes());
    batch.y.reserve(samples * data_.y().bytes());
    batch.samples.reserve(samples);
    spare_.push_back(std::move(batch));
  }
  thread_ = std::thread([this, first, end] { read_all(first, end); });
}

BatchReader::~BatchReader() {
  {
    const std::lock_guard lock(mutex_);
    leave_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Batch BatchReader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || failure_; });
  if (ready_.empty()) std::rethrow_exception(failure_);
  Batch batch = std::move(ready_.front());
  ready_.pop_front();
  lock.unlock();
  changed_.notify_all();
  return batch;
}

void BatchReader::recycle(Batch batch) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(batch));
}

void BatchReader::read_all(std::int64_t first, std::int64_t end) try {
  for (std::int64_t step = first; step < end; ++step) {
    Batch batch;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ready_.size() < kAhead || leave_; });
      if (leave_) return;
      if (!spare_.empty()) {
        batch = std::move(spare_.front());
        spare_.pop_front();
      }
    }
    fill_batch(data_, order_, step, batch);
    {
      const std::lock_guard lock(mutex_);
      ready_.push_back(std::move(batch));
    }
    changed_.notify_all();
  }
} catch (...) {
  const std::lock_guard lock(mutex_);
  failure_ = std::current_exception();
  changed_.notify_all();
}

}  // namespace r1::ml
