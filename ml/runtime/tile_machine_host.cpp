// The tile machine for CPUs: each thread runs the steps of a chain over its share of the tiles.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/tile_loops.hpp"
#include "ml/runtime/tile_machine.hpp"
#include "ml/runtime/tile_memory.hpp"
#include "ml/runtime/tile_schedule.hpp"

#include <algorithm>
#include <array>
#include <type_traits>

namespace r1::ml {
namespace {

using tile::Place;
using tile::Schedule;

constexpr std::size_t kTileBytes = 2048;  // of a slot: larger ones leave the first cache
constexpr std::size_t kLineBytes = 64;
constexpr std::int64_t kCached = 4 << 20;  // bytes that may still be in a cache when a chain begins
constexpr std::int64_t kSerial =
    16384;  // applications below which threads are not worth their start

template <class T>
constexpr std::int64_t kTile = static_cast<std::int64_t>(kTileBytes / sizeof(T));

template <class T>
tile::Loop<T> loop_of_step(const Schedule::Step& step) {
  if constexpr (std::is_floating_point_v<T>)
    if (step.inner >= 0) return tile::loop_of_pair<T>(step.function, step.inner, step.position);
  return tile::loop_of<T>(step.function);
}

/// The slots of a thread; made in its first run.
template <class T>
T* slots_of_thread() {
  constexpr int kMost = TileProgram::kMostRegisters;
  alignas(64) thread_local std::array<T, static_cast<std::size_t>(kMost * kTile<T>)> slots;
  return slots.data();
}

template <class T>
class HostMachine final : public Kernel {
 public:
  explicit HostMachine(const TileProgram& p) : schedule_(p) {
    R1_ASSERT(schedule_.slots() <= TileProgram::kMostRegisters);
    for (const auto& step : schedule_.steps()) loops_.push_back(loop_of_step<T>(step));
    for (const auto& operand : p.operands) loads_.push_back(tile::load_of<T>(operand.dtype));
    for (const auto& result : p.results) stores_.push_back(tile::store_of<T>(result.dtype));
    find_streams();
  }
  bool in_place(int result, int operand) const override {
    return schedule_.in_place(result, operand);
  }
  void run(const Launch& launch) const override {
    const auto& p = schedule_.program();
    const std::int64_t tiles = (p.elements + kTile<T> - 1) / kTile<T>;
    const auto work = p.elements * static_cast<std::int64_t>(p.instructions.size() + 1);
    const std::int64_t threads =
        work < kSerial ? 1 : std::min<std::int64_t>(tiles, launch.exec.concurrency());
    if (threads <= 1) return run_tiles(launch, 0, tiles);
    Kokkos::parallel_for(
        "r1::ml::tile_machine",
        Kokkos::RangePolicy<HostExec, Kokkos::Schedule<Kokkos::Static>>(0, threads),
        [this, &launch, tiles, threads](std::int64_t thread) {
          run_tiles(launch, tiles * thread / threads, tiles * (thread + 1) / threads);
        });
  }

 private:
  /// An array whose next tile is asked for while this one is computed.
  struct Stream {
    std::size_t index;  // of an operand or a result
    std::size_t element_bytes;
    bool written;
  };

  /// None where one step reads and writes as it goes, nor where a cache has all.
  void find_streams() {
    const auto& p = schedule_.program();
    for (std::size_t k = 0; k < p.operands.size(); ++k)
      if (p.operands[k].modulus == 0) streams_.push_back({k, size_of(p.operands[k].dtype), false});
    for (std::size_t k = 0; k < p.results.size(); ++k)
      streams_.push_back({k, size_of(p.results[k].dtype), true});
    std::int64_t bytes = 0;
    for (const auto& stream : streams_)
      bytes += p.elements * static_cast<std::int64_t>(stream.element_bytes);
    if (loops_.size() <= 1 || bytes < kCached) streams_.clear();
  }

  /// A share of the next tile's lines before each step: processors look ahead over a few hundred instructions, not over a tile, and
  /// take few requests at once. What is beyond an array's end is not read.
  void ask_for_next(const Launch& launch, std::size_t step, std::int64_t next) const {
    for (const auto& stream : streams_) {
      const void* array =
          stream.written ? launch.results[stream.index] : launch.operands[stream.index];
      const char* from =
          static_cast<const char*>(array) + static_cast<std::size_t>(next) * stream.element_bytes;
      const std::size_t lines = kTile<T> * stream.element_bytes / kLineBytes;
      const std::size_t end = (step + 1) * lines / loops_.size();
      for (std::size_t line = step * lines / loops_.size(); line < end; ++line)
        if (stream.written)
          __builtin_prefetch(from + line * kLineBytes, 1);
        else
          __builtin_prefetch(from + line * kLineBytes, 0);
    }
    asm volatile("");  // gcc 12 drops calls of what does nothing but ask for lines
  }

  void run_tiles(const Launch& launch, std::int64_t first, std::int64_t end) const {
    const auto& p = schedule_.program();
    T* slots = slots_of_thread<T>();
    const auto slot = [slots](Place place) { return slots + place.index * kTile<T>; };
    for (std::size_t k = 0; k < p.constants.size(); ++k) {
      T* to = slot(schedule_.place(static_cast<int>(p.operands.size() + k)));
      std::fill(to, to + kTile<T>, static_cast<T>(p.constants[k]));
    }
    for (const int k : schedule_.once())
      load_operand(launch, k, 0, kTile<T>, slot(schedule_.place(k)));
    for (std::int64_t tile = first; tile < end; ++tile) {
      const std::int64_t begin = tile * kTile<T>;
      run_tile(launch, slots, begin, std::min(kTile<T>, p.elements - begin));
    }
  }

  void load_operand(const Launch& launch, int operand, std::int64_t begin, std::int64_t n,
                    T* to) const {
    const auto k = static_cast<std::size_t>(operand);
    loads_[k](launch.operands[k], schedule_.program().operands[k], begin, n, to);
  }

  void run_tile(const Launch& launch, T* slots, std::int64_t begin, std::int64_t n) const {
    // What operands and results hold is T where they are read and written in place.
    const auto at = [&](Place place) -> T* {
      const auto k = static_cast<std::size_t>(place.index);
      if (place.in == Place::In::operand)
        return const_cast<T*>(static_cast<const T*>(launch.operands[k])) + begin;
      if (place.in == Place::In::result) return static_cast<T*>(launch.results[k]) + begin;
      return slots + place.index * kTile<T>;
    };
    for (std::size_t k = 0; k < loops_.size(); ++k) {
      const Schedule::Step& step = schedule_.steps()[k];
      ask_for_next(launch, k, begin + kTile<T>);
      for (const int operand : step.loads)
        load_operand(launch, operand, begin, n, at(schedule_.place(operand)));
      const T* arguments[tile::kMostArguments] = {};
      std::transform(step.arguments.begin(), step.arguments.end(), arguments, at);
      loops_[k](arguments, at(step.result), n, step.immediate);
    }
    for (const int r : schedule_.stores()) {
      const auto k = static_cast<std::size_t>(r);
      const int source = schedule_.program().results[k].source;
      auto place = schedule_.place(source);
      T* from = nullptr;
      if (place.in == Place::In::slot && place.index < 0) {  // an operand that no instruction reads
        from = slots + (TileProgram::kMostRegisters - 1) * kTile<T>;
        load_operand(launch, source, begin, n, from);
      } else {
        from = at(place);
      }
      stores_[k](from, launch.results[k], begin, n);
    }
  }

  Schedule schedule_;
  std::vector<tile::Loop<T>> loops_;    // by step
  std::vector<tile::Load<T>> loads_;    // by operand
  std::vector<tile::Store<T>> stores_;  // by result
  std::vector<Stream> streams_;
};

}  // namespace

std::unique_ptr<Kernel> host_tile_kernel(const TileProgram& program) {
  switch (program.computes_in) {
    case Dtype::f64:
      return std::make_unique<HostMachine<double>>(program);
    case Dtype::f32:
      return std::make_unique<HostMachine<float>>(program);
    default:
      return std::make_unique<HostMachine<std::int64_t>>(program);
  }
}

}  // namespace r1::ml
