// The tile machine for GPUs: a team of threads for each tile, registers in its scratch memory. (It runs on CPUs too, where the other one,
// tile_machine_host.cpp, is faster: so it can be tested there.)
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/dispatch.hpp"
#include "ml/runtime/tile_functions.hpp"
#include "ml/runtime/tile_machine.hpp"

#include <algorithm>

namespace r1::ml {
namespace {

using pointwise::Functions;
using pointwise::Immediate;

constexpr int kTile = 512;  // elements; 16 registers of fp32 fill the first-level cache of a core

/// The program as kernels see it.
struct DeviceProgram {
  static constexpr int kMost = TileProgram::kMostRegisters;
  int operands = 0, constants = 0, instructions = 0, results = 0;
  const void* from[kMost];
  Dtype from_dtype[kMost];
  std::int64_t divisor[kMost], modulus[kMost];
  double constant[kMost];
  TileProgram::Instruction code[kMost];
  void* to[kMost];
  Dtype to_dtype[kMost];
  int source[kMost];
  std::int64_t elements = 0;
};

template <class T>
using Registers = Kokkos::View<T[TileProgram::kMostRegisters][kTile], Kokkos::LayoutRight,
                               typename Exec::scratch_memory_space, Kokkos::MemoryUnmanaged>;

/// Runs f(k) for k < n, by all threads of a team; on a CPU a vector loop.
template <class Member, class F>
KOKKOS_INLINE_FUNCTION void each(const Member& team, int n, const F& f) {
  Kokkos::parallel_for(Kokkos::TeamVectorRange(team, n), f);
}

template <class From, class T, class Member>
KOKKOS_INLINE_FUNCTION void load_as(const Member& team, const DeviceProgram& p, int operand,
                                    std::int64_t begin, int n, T* to) {
  const From* from = static_cast<const From*>(p.from[operand]);
  const std::int64_t divisor = p.divisor[operand], modulus = p.modulus[operand];
  if (modulus == 0) {
    each(team, n, [=](int k) { to[k] = static_cast<T>(from[begin + k]); });
  } else if (modulus == 1) {
    each(team, n, [=](int k) { to[k] = static_cast<T>(from[0]); });
  } else {
    each(team, n, [=](int k) { to[k] = static_cast<T>(from[(begin + k) / divisor % modulus]); });
  }
}

template <class T, class Member>
KOKKOS_INLINE_FUNCTION void load(const Member& team, const DeviceProgram& p, int operand,
                                 std::int64_t begin, int n, T* to) {
  switch (p.from_dtype[operand]) {
    case Dtype::f64:
      return load_as<double>(team, p, operand, begin, n, to);
    case Dtype::f32:
      return load_as<float>(team, p, operand, begin, n, to);
    case Dtype::i64:
      return load_as<std::int64_t>(team, p, operand, begin, n, to);
    case Dtype::i32:
      return load_as<std::int32_t>(team, p, operand, begin, n, to);
    case Dtype::u32:
      return load_as<std::uint32_t>(team, p, operand, begin, n, to);
    default:
      return load_as<std::uint8_t>(team, p, operand, begin, n, to);
  }
}

template <class To, class T, class Member>
KOKKOS_INLINE_FUNCTION void store_as(const Member& team, void* to, std::int64_t begin, int n,
                                     const T* from) {
  To* target = static_cast<To*>(to) + begin;
  each(team, n, [=](int k) { target[k] = static_cast<To>(from[k]); });
}

template <class T, class Member>
KOKKOS_INLINE_FUNCTION void store(const Member& team, const DeviceProgram& p, int result,
                                  std::int64_t begin, int n, const T* from) {
  void* to = p.to[result];
  switch (p.to_dtype[result]) {
    case Dtype::f64:
      return store_as<double>(team, to, begin, n, from);
    case Dtype::f32:
      return store_as<float>(team, to, begin, n, from);
    case Dtype::i64:
      return store_as<std::int64_t>(team, to, begin, n, from);
    case Dtype::i32:
      return store_as<std::int32_t>(team, to, begin, n, from);
    case Dtype::u32:
      return store_as<std::uint32_t>(team, to, begin, n, from);
    case Dtype::boolean: {
      auto* target = static_cast<std::uint8_t*>(to) + begin;
      return each(team, n, [=](int k) { target[k] = from[k] != T(0) ? 1 : 0; });
    }
    default:
      return store_as<std::uint8_t>(team, to, begin, n, from);
  }
}

template <class F, class T, class Member>
KOKKOS_INLINE_FUNCTION void run_function(const Member& team, const TileProgram::Instruction& code,
                                         T* const* registers, T* result, int n) {
  if constexpr (Computes<F, T>) {
    const T* a = registers[code.arguments[0]];
    const T* b = registers[code.arguments[1]];
    const T* c = registers[code.arguments[2]];
    if constexpr (requires(T x, Immediate i) { F::apply(x, i); } && arity<F>() == 1) {
      const Immediate immediate{code.immediate};
      each(team, n, [=](int k) { result[k] = F::apply(a[k], immediate); });
    } else if constexpr (arity<F>() == 1) {
      each(team, n, [=](int k) { result[k] = F::apply(a[k]); });
    } else if constexpr (arity<F>() == 2) {
      each(team, n, [=](int k) { result[k] = F::apply(a[k], b[k]); });
    } else {
      each(team, n, [=](int k) { result[k] = F::apply(a[k], b[k], c[k]); });
    }
  }
}

template <class T, class Member, class... F>
KOKKOS_INLINE_FUNCTION void run_instruction(const Member& team,
                                            const TileProgram::Instruction& code,
                                            T* const* registers, T* result, int n,
                                            pointwise::List<F...>) {
  int number = 0;
  ((number++ == code.function ? run_function<F>(team, code, registers, result, n) : void()), ...);
}

template <class T>
class Machine final : public Kernel {
 public:
  explicit Machine(const TileProgram& p) {
    program_.operands = static_cast<int>(p.operands.size());
    program_.constants = static_cast<int>(p.constants.size());
    program_.instructions = static_cast<int>(p.instructions.size());
    program_.results = static_cast<int>(p.results.size());
    program_.elements = p.elements;
    R1_ASSERT(program_.operands + program_.constants + program_.instructions <=
              TileProgram::kMostRegisters);
    for (std::size_t k = 0; k < p.operands.size(); ++k) {
      program_.from_dtype[k] = p.operands[k].dtype;
      program_.divisor[k] = p.operands[k].divisor;
      program_.modulus[k] = p.operands[k].modulus;
    }
    std::copy(p.constants.begin(), p.constants.end(), program_.constant);
    std::copy(p.instructions.begin(), p.instructions.end(), program_.code);
    for (std::size_t k = 0; k < p.results.size(); ++k) {
      program_.to_dtype[k] = p.results[k].dtype;
      program_.source[k] = p.results[k].source;
    }
  }

  bool in_place(int result, int operand) const override {
    // A tile of all operands is read before one of the results is written.
    return program_.modulus[operand] == 0 &&
           size_of(program_.from_dtype[operand]) == size_of(program_.to_dtype[result]);
  }

  void run(const Launch& launch) const override;

 private:
  DeviceProgram program_;
};

template <class T, class Member>
KOKKOS_INLINE_FUNCTION void run_tile(const Member& team, const DeviceProgram& p) {
  const std::int64_t begin = std::int64_t{team.league_rank()} * kTile;
  const auto n = static_cast<int>(begin + kTile < p.elements ? kTile : p.elements - begin);
  const Registers<T> scratch(team.team_scratch(0));
  T* registers[TileProgram::kMostRegisters];
  int next = 0;
  for (int k = 0; k < p.operands; ++k, ++next) {
    registers[next] = &scratch(next, 0);
    load(team, p, k, begin, n, registers[next]);
  }
  for (int k = 0; k < p.constants; ++k, ++next) {
    T* to = registers[next] = &scratch(next, 0);
    const T value = static_cast<T>(p.constant[k]);
    each(team, n, [=](int i) { to[i] = value; });
  }
  team.team_barrier();
  for (int k = 0; k < p.instructions; ++k, ++next) {
    registers[next] = &scratch(next, 0);
    run_instruction(team, p.code[k], registers, registers[next], n, Functions());
    team.team_barrier();
  }
  for (int k = 0; k < p.results; ++k) store(team, p, k, begin, n, registers[p.source[k]]);
}

template <class T>
void Machine<T>::run(const Launch& launch) const {
  if (program_.elements == 0) return;
  auto p = program_;
  for (int k = 0; k < p.operands; ++k) p.from[k] = launch.operands[static_cast<std::size_t>(k)];
  for (int k = 0; k < p.results; ++k) p.to[k] = launch.results[static_cast<std::size_t>(k)];
  using Policy = Kokkos::TeamPolicy<Exec>;
  using Member = typename Policy::member_type;
  const auto tiles = static_cast<int>((p.elements + kTile - 1) / kTile);
  auto policy = kDeviceIsHost ? Policy(launch.exec, tiles, 1) : Policy(launch.exec, tiles, 256);
  policy.set_scratch_size(0, Kokkos::PerTeam(Registers<T>::shmem_size()));
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
