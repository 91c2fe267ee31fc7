// The tile machine for GPUs: each thread runs the chain for a few elements, its registers a column of its team's scratch memory that no
// other thread touches, so that threads never wait for each other. (It runs on CPUs too, where the other one, tile_machine_host.cpp, is
// faster: so it can be tested there.)
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/tile_functions.hpp"
#include "ml/runtime/tile_machine.hpp"

#include <algorithm>
#include <limits>
#include <tuple>
#include <utility>

namespace r1::ml {
namespace {

using pointwise::Functions;
using pointwise::Immediate;

constexpr int kEach =
    4;  // elements of a thread: the choice of an instruction is paid once for them
constexpr std::size_t kMostScratch = std::size_t{40} << 10;  // of a team

/// The program as kernels see it, registers already in slots that are used again when their value is dead.
struct DeviceProgram {
  static constexpr int kMost = TileProgram::kMostRegisters;
  static constexpr int kConstant = -1;  // the function that is its immediate number
  struct Operand {
    const void* from;
    std::int64_t divisor, modulus;
    Dtype dtype;
    std::int8_t slot;
  };
  struct Instruction {
    double immediate;
    std::int16_t function;
    std::int8_t arguments[3], result;  // slots
  };
  struct Result {
    void* to;
    Dtype dtype;
    std::int8_t slot;
  };
  int operands = 0, instructions = 0, results = 0, slots = 0;
  std::int64_t elements = 0;
  Operand operand[kMost];
  Instruction code[kMost];
  Result result[kMost];
};
// Arguments of a launch are 4 KiB at most; what is larger travels by a buffer for which launches wait.
static_assert(sizeof(DeviceProgram) < 3900);

/// Gives registers their slots.
class Lowering {
 public:
  explicit Lowering(const TileProgram& p) : program_(p) {
    const auto registers = p.operands.size() + p.constants.size() + p.instructions.size();
    R1_ASSERT(registers <= static_cast<std::size_t>(TileProgram::kMostRegisters));
    slot_.assign(registers, -1);
    find_last_uses(registers);
    to_.elements = p.elements;
    for (std::size_t k = 0; k < p.operands.size(); ++k) {
      const auto& operand = p.operands[k];
      to_.operand[to_.operands++] = {nullptr, operand.divisor, operand.modulus, operand.dtype,
                                     place(k)};
    }
    for (std::size_t k = 0; k < p.instructions.size(); ++k) add(k);
    for (const auto& result : p.results)
      to_.result[to_.results++] = {nullptr, result.dtype, slot_of(result.source)};
  }
  const DeviceProgram& program() const { return to_; }

 private:
  static constexpr std::size_t kNever = std::numeric_limits<std::size_t>::max();

  std::size_t first_instruction() const {
    return program_.operands.size() + program_.constants.size();
  }
  void find_last_uses(std::size_t registers) {
    last_use_.assign(registers, 0);
    for (std::size_t k = 0; k < program_.instructions.size(); ++k)
      for (int a = 0; a < arity_of(program_.instructions[k].function); ++a)
        last_use_[static_cast<std::size_t>(program_.instructions[k].arguments[a])] = k;
    for (const auto& result : program_.results)
      last_use_[static_cast<std::size_t>(result.source)] = kNever;
  }
  std::int8_t place(std::size_t of_register) {
    if (free_.empty()) free_.push_back(static_cast<std::int8_t>(to_.slots++));
    slot_[of_register] = free_.back();
    free_.pop_back();
    return slot_[of_register];
  }
  /// A constant gets its slot where it is needed first.
  std::int8_t slot_of(int of_register) {
    const auto k = static_cast<std::size_t>(of_register);
    if (slot_[k] < 0) {
      const double value = program_.constants.at(k - program_.operands.size());
      to_.code[to_.instructions] = {value, DeviceProgram::kConstant, {0, 0, 0}, place(k)};
      ++to_.instructions;
    }
    return slot_[k];
  }
  void add(std::size_t k) {
    const auto& instruction = program_.instructions[k];
    const int arguments = arity_of(instruction.function);
    DeviceProgram::Instruction code{
        instruction.immediate, static_cast<std::int16_t>(instruction.function), {0, 0, 0}, 0};
    for (int a = 0; a < arguments; ++a) code.arguments[a] = slot_of(instruction.arguments[a]);
    for (int a = 0; a < arguments; ++a) free_after(instruction.arguments[a], k);
    code.result = place(first_instruction() + k);
    to_.code[to_.instructions++] = code;
    free_after(static_cast<int>(first_instruction() + k), k);  // of no use at all
  }
  void free_after(int of_register, std::size_t instruction) {
    const auto r = static_cast<std::size_t>(of_register);
    if (last_use_[r] > instruction || std::exchange(last_use_[r], kNever) == kNever) return;
    free_.push_back(slot_[r]);
  }

  const TileProgram& program_;
  DeviceProgram to_;
  std::vector<std::int8_t> slot_, free_;  // of registers; of values that are dead
  std::vector<std::size_t> last_use_;     // of registers, instructions
};

/// What a thread works on: elements begin, begin + threads, ...; behind the last one of all, that one again.
template <class T>
struct Lane {
  T* memory;
  std::int64_t begin, elements;
  int threads;

  KOKKOS_INLINE_FUNCTION T& at(int slot, int j) const {
    return memory[(slot * kEach + j) * threads];
  }
  KOKKOS_INLINE_FUNCTION std::int64_t element(int j) const { return begin + j * threads; }
  KOKKOS_INLINE_FUNCTION std::int64_t valid_element(int j) const {
    return element(j) < elements ? element(j) : elements - 1;
  }
};

/// Divisions of 64 bits are slow on GPUs.
KOKKOS_INLINE_FUNCTION std::int64_t repeated(const DeviceProgram::Operand& o, std::int64_t element,
                                             bool is_short) {
  if (o.modulus == 0) return element;
  if (o.modulus == 1) return 0;
  if (!is_short) return element / o.divisor % o.modulus;
  const auto at = static_cast<std::uint32_t>(element) / static_cast<std::uint32_t>(o.divisor);
  return at % static_cast<std::uint32_t>(o.modulus);
}

template <class From, class T>
KOKKOS_INLINE_FUNCTION void load_as(const Lane<T>& lane, const DeviceProgram::Operand& o) {
  const auto* from = static_cast<const From*>(o.from);
  const bool is_short = lane.elements <= std::int64_t{0x7fffffff};
  for (int j = 0; j < kEach; ++j)
    lane.at(o.slot, j) = static_cast<T>(from[repeated(o, lane.valid_element(j), is_short)]);
}

template <class T>
KOKKOS_INLINE_FUNCTION void load(const Lane<T>& lane, const DeviceProgram::Operand& o) {
  switch (o.dtype) {
    case Dtype::f64:
      return load_as<double>(lane, o);
    case Dtype::f32:
      return load_as<float>(lane, o);
    case Dtype::i64:
      return load_as<std::int64_t>(lane, o);
    case Dtype::i32:
      return load_as<std::int32_t>(lane, o);
    case Dtype::u32:
      return load_as<std::uint32_t>(lane, o);
    default:
      return load_as<std::uint8_t>(lane, o);
  }
}

template <class To, class T>
KOKKOS_INLINE_FUNCTION void store_as(const Lane<T>& lane, const DeviceProgram::Result& r) {
  auto* to = static_cast<To*>(r.to);
  for (int j = 0; j < kEach; ++j)
    if (lane.element(j) < lane.elements) to[lane.element(j)] = static_cast<To>(lane.at(r.slot, j));
}

template <class T>
KOKKOS_INLINE_FUNCTION void store_booleans(const Lane<T>& lane, const DeviceProgram::Result& r) {
  auto* to = static_cast<std::uint8_t*>(r.to);
  for (int j = 0; j < kEach; ++j)
    if (lane.element(j) < lane.elements) to[lane.element(j)] = lane.at(r.slot, j) != T(0) ? 1 : 0;
}

template <class T>
KOKKOS_INLINE_FUNCTION void store(const Lane<T>& lane, const DeviceProgram::Result& r) {
  switch (r.dtype) {
    case Dtype::f64:
      return store_as<double>(lane, r);
    case Dtype::f32:
      return store_as<float>(lane, r);
    case Dtype::i64:
      return store_as<std::int64_t>(lane, r);
    case Dtype::i32:
      return store_as<std::int32_t>(lane, r);
    case Dtype::u32:
      return store_as<std::uint32_t>(lane, r);
    case Dtype::boolean:
      return store_booleans(lane, r);
    default:
      return store_as<std::uint8_t>(lane, r);
  }
}

template <class F, class T>
KOKKOS_INLINE_FUNCTION void run_function(const Lane<T>& lane,
                                         const DeviceProgram::Instruction& code) {
  if constexpr (Computes<F, T>) {
    const int a = code.arguments[0], b = code.arguments[1], c = code.arguments[2];
    for (int j = 0; j < kEach; ++j) {
      T& result = lane.at(code.result, j);
      if constexpr (TakesImmediate<F, T>)
        result = F::apply(lane.at(a, j), Immediate{code.immediate});
      else if constexpr (arity<F>() == 1)
        result = F::apply(lane.at(a, j));
      else if constexpr (arity<F>() == 2)
        result = F::apply(lane.at(a, j), lane.at(b, j));
      else
        result = F::apply(lane.at(a, j), lane.at(b, j), lane.at(c, j));
    }
  }
}

/// Halves the functions [first, first + count) until the one is left: a handful of comparisons.
template <int first, int count, class T, class... F>
KOKKOS_INLINE_FUNCTION void run_one_of(const Lane<T>& lane, const DeviceProgram::Instruction& code,
                                       pointwise::List<F...> functions) {
  if constexpr (count == 1)
    run_function<std::tuple_element_t<first, std::tuple<F...>>>(lane, code);
  else if (code.function < first + count / 2)
    run_one_of<first, count / 2>(lane, code, functions);
  else
    run_one_of<first + count / 2, count - count / 2>(lane, code, functions);
}

template <class T, class... F>
KOKKOS_INLINE_FUNCTION void run_instruction(const Lane<T>& lane,
                                            const DeviceProgram::Instruction& code,
                                            pointwise::List<F...> functions) {
  if (code.function == DeviceProgram::kConstant)
    for (int j = 0; j < kEach; ++j) lane.at(code.result, j) = static_cast<T>(code.immediate);
  else
    run_one_of<0, static_cast<int>(sizeof...(F))>(lane, code, functions);
}

template <class T>
class Machine final : public Kernel {
 public:
  explicit Machine(const TileProgram& p) : program_(Lowering(p).program()) {
    threads_ = kDeviceIsHost ? 1 : 128;
    while (threads_ > 32 && scratch_of_team() > kMostScratch) threads_ /= 2;
  }

  bool in_place(int result, int operand) const override {
    // An element of all operands is read before that of a result is written, by the same thread.
    return program_.operand[operand].modulus == 0 &&
           size_of(program_.operand[operand].dtype) == size_of(program_.result[result].dtype);
  }

  void run(const Launch& launch) const override;

 private:
  std::size_t scratch_of_team() const {
    return static_cast<std::size_t>(program_.slots * kEach * threads_) * sizeof(T);
  }
  DeviceProgram program_;
  int threads_;
};

template <class T, class Member>
KOKKOS_INLINE_FUNCTION void run_tile(const Member& team, const DeviceProgram& p) {
  const int threads = team.team_size(), thread = team.team_rank();
  const auto bytes = static_cast<std::size_t>(p.slots * kEach * threads) * sizeof(T);
  const Lane<T> lane{static_cast<T*>(team.team_scratch(0).get_shmem(bytes)) + thread,
                     std::int64_t{team.league_rank()} * threads * kEach + thread, p.elements,
                     threads};
  for (int k = 0; k < p.operands; ++k) load(lane, p.operand[k]);
  for (int k = 0; k < p.instructions; ++k) run_instruction(lane, p.code[k], Functions());
  for (int k = 0; k < p.results; ++k) store(lane, p.result[k]);
}

template <class T>
void Machine<T>::run(const Launch& launch) const {
  if (program_.elements == 0) return;
  auto p = program_;
  for (int k = 0; k < p.operands; ++k)
    p.operand[k].from = launch.operands[static_cast<std::size_t>(k)];
  for (int k = 0; k < p.results; ++k) p.result[k].to = launch.results[static_cast<std::size_t>(k)];
  using Policy = Kokkos::TeamPolicy<Exec>;
  const auto of_team = std::int64_t{threads_} * kEach;
  const auto teams = static_cast<int>((p.elements + of_team - 1) / of_team);
  auto policy =
      Kokkos::Experimental::require(Policy(launch.exec, teams, threads_),
                                    Kokkos::Experimental::WorkItemProperty::HintLightWeight);
  policy.set_scratch_size(0, Kokkos::PerTeam(static_cast<int>(scratch_of_team())));
  using Member = typename decltype(policy)::member_type;
  const auto tile = KOKKOS_LAMBDA(const Member& team)->void { run_tile<T>(team, p); };
  Kokkos::parallel_for("r1::ml::tile_machine", policy, tile);
}

}  // namespace

std::unique_ptr<Kernel> team_tile_kernel(const TileProgram& program) {
  switch (program.computes_in) {
    case Dtype::f64:
      return std::make_unique<Machine<double>>(program);
    case Dtype::f32:
      return std::make_unique<Machine<float>>(program);
    default:
      return std::make_unique<Machine<std::int64_t>>(program);
  }
}

}  // namespace r1::ml
