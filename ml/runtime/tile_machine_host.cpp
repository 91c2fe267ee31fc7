// The tile machine for CPUs: each thread runs the chain over its share of the tiles. Operands and results of the machine's own type are
// read and written where they lie; registers are needed for what is in between alone, and are used again when their value is dead, so
// that a chain stays in the first cache. The inner loops, one for each function, are vector loops.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/tile_functions.hpp"
#include "ml/runtime/tile_machine.hpp"
#include "ml/runtime/tile_memory.hpp"

#include <algorithm>
#include <array>
#include <limits>
#include <string>
#include <utility>

namespace r1::ml {
namespace {

using pointwise::Functions;
using pointwise::Immediate;

// Of a register. Larger ones save little of the dispatch, and memory waits while a tile is computed: processors look ahead over a few
// hundred instructions, not over tiles of pages.
constexpr std::size_t kTileBytes = 1024;
constexpr std::int64_t kSerial =
    16384;  // applications below which threads are not worth their start

template <class T>
constexpr std::int64_t kTile = static_cast<std::int64_t>(kTileBytes / sizeof(T));

template <class T>
using Function = void (*)(const T* a, const T* b, const T* c, T* result, std::int64_t n,
                          double immediate);

/// A function whose vector loop is right for arguments near 0 alone.
template <class F, class T>
concept HasNear = std::is_same_v<T, float> && requires(T x) {
  F::is_near(x);
  F::apply_near(x);
};

/// false: there are arguments that are not near.
template <class F, class T>
bool apply_near(const T* a, T* result, std::int64_t n) {
  int far = 0;
#pragma omp simd reduction(| : far)
  for (std::int64_t k = 0; k < n; ++k) far |= F::is_near(a[k]) ? 0 : 1;
  if (far != 0) return false;
#pragma omp simd
  for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply_near(a[k]);
  return true;
}

/// Arguments may be the result itself, element by element: that is no dependence between elements.
template <class F, class T>
void apply_function([[maybe_unused]] const T* a, [[maybe_unused]] const T* b,
                    [[maybe_unused]] const T* c, T* result, std::int64_t n,
                    [[maybe_unused]] double immediate) {
  if constexpr (TakesImmediate<F, T>) {
#pragma omp simd
    for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply(a[k], Immediate{immediate});
  } else if constexpr (arity<F>() == 1) {
    if constexpr (HasNear<F, T>)
      if (apply_near<F>(a, result, n)) return;
#pragma omp simd
    for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply(a[k]);
  } else if constexpr (arity<F>() == 2) {
#pragma omp simd
    for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply(a[k], b[k]);
  } else {
#pragma omp simd
    for (std::int64_t k = 0; k < n; ++k) result[k] = F::apply(a[k], b[k], c[k]);
  }
}

template <class F, class T>
constexpr Function<T> function_if_it_computes() {
  if constexpr (Computes<F, T>)
    return apply_function<F, T>;
  else
    return nullptr;
}

/// Error where the machine computes in integers and the function is one of real numbers.
template <class T, class... F>
Function<T> function_of(int number, pointwise::List<F...>) {
  static constexpr Function<T> all[] = {function_if_it_computes<F, T>()...};
  if (all[number] == nullptr)
    throw Error(std::string(function_name(number)) + " is not for integers");
  return all[number];
}

constexpr Dtype dtype_of(double) { return Dtype::f64; }
constexpr Dtype dtype_of(float) { return Dtype::f32; }
constexpr Dtype dtype_of(std::int64_t) { return Dtype::i64; }

/// Where a value is during a tile.
struct Place {
  enum class In : std::uint8_t { slot, operand, result } in = In::slot;
  int index = -1;
};

constexpr int kNever = std::numeric_limits<int>::max();

/// Places of all registers, and what is done when.
template <class T>
class Lowered {
 public:
  struct Step {
    Function<T> function;
    Place arguments[3], result;
    double immediate;
    std::vector<int> loads;  // operands that are needed from now on
  };

  explicit Lowered(const TileProgram& p) : program_(p) {
    first_result_ = static_cast<int>(p.operands.size() + p.constants.size());
    find_last_uses();
    places_.resize(static_cast<std::size_t>(first_result_) + p.instructions.size());
    place_leaves();
    for (int k = 0; k < static_cast<int>(p.instructions.size()); ++k) add_step(k);
    for (int r = 0; r < static_cast<int>(p.results.size()); ++r)
      if (written_[static_cast<std::size_t>(r)] == kNever) stores_.push_back(r);
  }

  bool in_place(int result, int operand) const {
    const auto& o = program_.operands[static_cast<std::size_t>(operand)];
    const auto& r = program_.results[static_cast<std::size_t>(result)];
    if (o.modulus != 0 || size_of(o.dtype) != size_of(r.dtype)) return false;
    // Once a result is written, nothing reads the operand; those that are stored come after all else, one after the other.
    const auto written = written_[static_cast<std::size_t>(result)];
    const bool stored_operand = std::any_of(stores_.begin(), stores_.end(), [&](int other) {
      const int source = program_.results[static_cast<std::size_t>(other)].source;
      return other != result && source == operand;
    });
    return last_use_[static_cast<std::size_t>(operand)] <= written && !stored_operand;
  }

  const TileProgram& program() const { return program_; }
  const std::vector<Step>& steps() const { return steps_; }
  const std::vector<int>& once() const { return once_; }      // operands that are one value
  const std::vector<int>& stores() const { return stores_; }  // results that are copied at the end
  Place place(int reg) const { return places_[static_cast<std::size_t>(reg)]; }
  int slots() const { return slots_; }

 private:
  void find_last_uses() {
    last_use_.assign(static_cast<std::size_t>(first_result_) + program_.instructions.size(), -1);
    written_.assign(program_.results.size(), kNever);
    for (int k = 0; k < static_cast<int>(program_.instructions.size()); ++k) {
      const auto& code = program_.instructions[static_cast<std::size_t>(k)];
      for (int a = 0; a < arity_of(code.function); ++a)
        last_use_[static_cast<std::size_t>(code.arguments[a])] = k;
    }
    for (std::size_t r = 0; r < program_.results.size(); ++r) {
      const auto& result = program_.results[r];
      const bool first = std::none_of(
          program_.results.begin(), program_.results.begin() + static_cast<std::ptrdiff_t>(r),
          [&](const auto& other) { return other.source == result.source; });
      if (first && result.source >= first_result_ && result.dtype == dtype_of(T()))
        written_[r] = result.source - first_result_;
    }
    for (std::size_t r = 0; r < program_.results.size(); ++r)
      if (written_[r] == kNever)
        last_use_[static_cast<std::size_t>(program_.results[r].source)] = kNever;
  }

  int new_slot() {
    if (free_.empty()) return slots_++;
    const int slot = free_.back();
    free_.pop_back();
    return slot;
  }

  void place_leaves() {
    for (int k = 0; k < first_result_; ++k) {
      auto& place = places_[static_cast<std::size_t>(k)];
      const auto operands = static_cast<int>(program_.operands.size());
      if (k >= operands) {
        place = {Place::In::slot, slots_++};
        continue;
      }
      const auto& o = program_.operands[static_cast<std::size_t>(k)];
      if (o.modulus == 0 && o.dtype == dtype_of(T())) place = {Place::In::operand, k};
      if (o.modulus == 1) {
        place = {Place::In::slot, slots_++};
        once_.push_back(k);
      }
    }
  }

  void add_step(int k) {
    const auto& code = program_.instructions[static_cast<std::size_t>(k)];
    Step step{function_of<T>(code.function, Functions()), {}, {}, code.immediate, {}};
    const int arguments = arity_of(code.function);
    for (int a = 0; a < arguments; ++a) {
      auto& place = places_[static_cast<std::size_t>(code.arguments[a])];
      if (place.in == Place::In::slot && place.index < 0) {
        place.index = new_slot();
        step.loads.push_back(code.arguments[a]);
      }
      step.arguments[a] = place;
    }
    auto& result = places_[static_cast<std::size_t>(first_result_ + k)];
    for (std::size_t r = 0; r < written_.size(); ++r)
      if (written_[r] == k) result = {Place::In::result, static_cast<int>(r)};
    if (result.in == Place::In::slot) result.index = new_slot();
    step.result = result;
    steps_.push_back(std::move(step));
    for (int a = 0; a < arguments; ++a) release(code.arguments[a], k);
  }

  /// The slot of a register whose last use was instruction `k`.
  void release(int reg, int k) {
    auto& place = places_[static_cast<std::size_t>(reg)];
    const bool constant =
        reg < first_result_ && (reg >= static_cast<int>(program_.operands.size()) ||
                                program_.operands[static_cast<std::size_t>(reg)].modulus == 1);
    if (place.in != Place::In::slot || constant || last_use_[static_cast<std::size_t>(reg)] != k)
      return;
    if (std::find(free_.begin(), free_.end(), place.index) == free_.end())
      free_.push_back(place.index);
  }

  TileProgram program_;
  int first_result_ = 0, slots_ = 0;
  std::vector<int> last_use_;  // by register: instruction
  std::vector<int> written_;   // by result: the instruction that writes it in its place
  std::vector<Place> places_;  // by register
  std::vector<int> free_, once_, stores_;
  std::vector<Step> steps_;
};

/// The registers of a thread; made in its first run.
template <class T>
T* slots_of_thread() {
  constexpr int kMost = TileProgram::kMostRegisters;
  alignas(64) thread_local std::array<T, static_cast<std::size_t>(kMost * kTile<T>)> slots;
  return slots.data();
}

template <class T>
class HostMachine final : public Kernel {
 public:
  explicit HostMachine(const TileProgram& p) : lowered_(p) {
    R1_ASSERT(lowered_.slots() <= TileProgram::kMostRegisters);
    for (const auto& operand : p.operands) loads_.push_back(tile::load_of<T>(operand.dtype));
    for (const auto& result : p.results) stores_.push_back(tile::store_of<T>(result.dtype));
  }
  bool in_place(int result, int operand) const override {
    return lowered_.in_place(result, operand);
  }
  void run(const Launch& launch) const override {
    const auto& p = lowered_.program();
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
  void run_tiles(const Launch& launch, std::int64_t first, std::int64_t end) const {
    const auto& p = lowered_.program();
    T* slots = slots_of_thread<T>();
    const auto slot = [slots](Place place) { return slots + place.index * kTile<T>; };
    for (std::size_t k = 0; k < p.constants.size(); ++k) {
      T* to = slot(lowered_.place(static_cast<int>(p.operands.size() + k)));
      std::fill(to, to + kTile<T>, static_cast<T>(p.constants[k]));
    }
    for (const int k : lowered_.once())
      load_operand(launch, k, 0, kTile<T>, slot(lowered_.place(k)));
    for (std::int64_t tile = first; tile < end; ++tile) {
      const std::int64_t begin = tile * kTile<T>;
      run_tile(launch, slots, begin, std::min(kTile<T>, p.elements - begin));
    }
  }

  void load_operand(const Launch& launch, int operand, std::int64_t begin, std::int64_t n,
                    T* to) const {
    const auto k = static_cast<std::size_t>(operand);
    loads_[k](launch.operands[k], lowered_.program().operands[k], begin, n, to);
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
    for (const auto& step : lowered_.steps()) {
      for (const int operand : step.loads)
        load_operand(launch, operand, begin, n, at(lowered_.place(operand)));
      const T* arguments[3] = {};
      for (int a = 0; a < 3; ++a)
        if (step.arguments[a].index >= 0) arguments[a] = at(step.arguments[a]);
      step.function(arguments[0], arguments[1], arguments[2], at(step.result), n, step.immediate);
    }
    for (const int r : lowered_.stores()) {
      const auto k = static_cast<std::size_t>(r);
      const int source = lowered_.program().results[k].source;
      auto place = lowered_.place(source);
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

  Lowered<T> lowered_;
  std::vector<tile::Load<T>> loads_;    // by operand
  std::vector<tile::Store<T>> stores_;  // by result
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
