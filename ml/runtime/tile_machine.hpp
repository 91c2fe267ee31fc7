// The tile machine: one kernel that computes a chain of pointwise operations. Arrays are cut into tiles; each instruction runs over a
// whole tile before the next one, so that the choice of instruction is paid once a tile and the inner loops are plain vector loops.
// A tile's intermediate results lie in scratch memory (registers below), so that arrays are read and written once a chain.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "ml/graph/type.hpp"
#include "ml/runtime/kernel.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace r1::ml {

/// A chain. Registers 0, 1, ... hold the operands, then the constants, then the results of the instructions, one each in order.
struct TileProgram {
  static constexpr int kMostRegisters = 48;

  struct Operand {
    Dtype dtype;
    // Element i of the chain is element (i / divisor) % modulus of the operand: a row, a column or one value is repeated in place.
    std::int64_t divisor = 1, modulus = 0;  // modulus 0: no repetition
  };
  struct Instruction {
    int function;                  // from function_number()
    int arguments[3] = {0, 0, 0};  // registers
    double immediate = 0;
  };
  struct Result {
    Dtype dtype;
    int source;  // register
  };

  Dtype computes_in = Dtype::f32;  // f32, f64 or i64
  std::vector<Operand> operands;
  std::vector<double> constants;
  std::vector<Instruction> instructions;
  std::vector<Result> results;
  std::int64_t elements = 0;
};

/// Number and number of arguments of a function of pointwise_functions.hpp; an unknown name is a broken invariant: Error.
int function_number(std::string_view name);
int arity_of(int function);

std::string_view function_name(int function);
/// "mul add max": the functions in order.
std::string chain_text(const TileProgram& program);

/// What a chain of operations on these types is computed in; reduced floating types and booleans in f32, integers in i64.
Dtype tile_arithmetic_of(Dtype dtype);

/// The faster of the two below on this device.
std::unique_ptr<Kernel> tile_kernel(const TileProgram& program);
std::unique_ptr<Kernel> team_tile_kernel(const TileProgram& program);
std::unique_ptr<Kernel> host_tile_kernel(const TileProgram& program);

}  // namespace r1::ml
