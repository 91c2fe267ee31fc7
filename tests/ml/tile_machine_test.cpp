// Chains of the tile machine: constants, and operands that repeat.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/tile_machine.hpp"

#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

namespace r1::ml {
namespace {

using test::random_reals;
using test::Reals;
using test::reals_of;
using test::tensor_of;

/// All machines that this device runs.
std::vector<std::unique_ptr<Kernel>> machines_of(const TileProgram& program) {
  std::vector<std::unique_ptr<Kernel>> machines;
  machines.push_back(team_tile_kernel(program));
  if (kDeviceIsHost) machines.push_back(host_tile_kernel(program));
  return machines;
}

// y = max(a row + 2, -column), and whether it is a row + 2, over (7, 300): a part of the last tile is empty.
TEST(TileMachine, ComputesAChainWithRowsColumnsAndConstants) {
  constexpr std::int64_t kRows = 7, kColumns = 300;
  const Type matrix{Dtype::f64, {kRows, kColumns}}, row{Dtype::f64, {kColumns}},
      column{Dtype::f64, {kRows}};
  TileProgram program;
  program.computes_in = Dtype::f64;
  program.operands = {{Dtype::f64}, {Dtype::f64, 1, kColumns}, {Dtype::f64, kColumns, kRows}};
  program.constants = {2};  // register 3
  program.instructions = {{function_number("mul"), {0, 1, 0}},
                          {function_number("add"), {4, 3, 0}},
                          {function_number("neg"), {2, 0, 0}},
                          {function_number("max"), {5, 6, 0}},
                          {function_number("equal"), {7, 5, 0}}};
  program.results = {{Dtype::f64, 7}, {Dtype::boolean, 8}};
  program.elements = kRows * kColumns;

  const Reals a = random_reals(matrix, -5, 5, 1), r = random_reals(row, -1, 1, 2),
              c = random_reals(column, -3, 3, 3);
  const Tensor operands[] = {tensor_of(matrix, a), tensor_of(row, r), tensor_of(column, c)};
  for (const auto& kernel : machines_of(program)) {
    const Tensor y(matrix), chosen({Dtype::boolean, {kRows, kColumns}});
    const void* from[] = {operands[0].data(), operands[1].data(), operands[2].data()};
    void* to[] = {y.data(), chosen.data()};
    const Exec exec;
    kernel->run({exec, from, to, nullptr});
    exec.fence();
    const Reals found = reals_of(y), is_first = reals_of(chosen);
    for (std::size_t i = 0; i < kRows; ++i)
      for (std::size_t j = 0; j < kColumns; ++j) {
        const std::size_t at = i * kColumns + j;
        const double first = a[at] * r[j] + 2;
        EXPECT_NEAR(found[at], std::max(first, -c[i]), 1e-14);
        EXPECT_EQ(is_first[at], first >= -c[i] ? 1 : 0);
      }
  }
}

/// Runs of any length begin and end anywhere in a tile.
TEST(TileMachine, RepeatsElementsInRuns) {
  constexpr std::int64_t kElements = 3000;
  for (const std::int64_t divisor : {2, 3, 4, 7, 8, 16, 300, 5000})
    for (const std::int64_t modulus : {2, 5, 3000}) {
      TileProgram program;
      program.operands = {{Dtype::f32}, {Dtype::f32, divisor, modulus}};
      program.instructions = {{function_number("add"), {0, 1, 0}}};
      program.results = {{Dtype::f32, 2}};
      program.elements = kElements;
      const Type all{Dtype::f32, {kElements}}, few{Dtype::f32, {modulus}};
      const Reals a = random_reals(all, -5, 5, 1), b = random_reals(few, -1, 1, 2);
      const Tensor operands[] = {tensor_of(all, a), tensor_of(few, b)}, y(all);
      const void* from[] = {operands[0].data(), operands[1].data()};
      void* to[] = {y.data()};
      const Exec exec;
      for (const auto& kernel : machines_of(program)) {
        kernel->run({exec, from, to, nullptr});
        exec.fence();
        const auto found = y.to_host<float>();
        for (std::int64_t i = 0; i < kElements; ++i) {
          const auto at = static_cast<std::size_t>(i / divisor % modulus);
          const auto k = static_cast<std::size_t>(i);
          ASSERT_EQ(found[k], static_cast<float>(a[k]) + static_cast<float>(b[at]))
              << divisor << ' ' << modulus << ' ' << i;
        }
      }
    }
}

/// One argument far from 0 among others: those that the vector loop is not made for are right, too.
TEST(TileMachine, SineAndCosineOfAnyArgument) {
  TileProgram program;
  program.operands = {{Dtype::f32}};
  program.instructions = {{function_number("sin"), {0, 0, 0}}, {function_number("cos"), {0, 0, 0}}};
  program.results = {{Dtype::f32, 1}, {Dtype::f32, 2}};
  program.elements = 1000;
  const Type type{Dtype::f32, {program.elements}};
  Reals x = random_reals(type, -50, 50, 1);
  x[300] = 3e7;
  const Tensor operand = tensor_of(type, x), sine(type), cosine(type);
  const void* from[] = {operand.data()};
  void* to[] = {sine.data(), cosine.data()};
  const Exec exec;
  for (const auto& kernel : machines_of(program)) {
    kernel->run({exec, from, to, nullptr});
    exec.fence();
    const auto s = sine.to_host<float>(), c = cosine.to_host<float>();
    for (std::size_t k = 0; k < x.size(); ++k) {
      const auto at = static_cast<double>(static_cast<float>(x[k]));
      EXPECT_NEAR(s[k], std::sin(at), 1.2e-7) << at;
      EXPECT_NEAR(c[k], std::cos(at), 1.2e-7) << at;
    }
  }
}

/// What is asked for ahead of time changes nothing, and nothing beyond the arrays is touched.
TEST(TileMachine, LargeArraysOfWhichTheNextTileIsAskedFor) {
  constexpr std::int64_t kElements = 700'001;
  TileProgram program;
  program.operands = {{Dtype::f32}, {Dtype::boolean}, {Dtype::f32, 1, 1}};
  program.instructions = {{function_number("mul"), {0, 2, 0}},
                          {function_number("max"), {3, 0, 0}},
                          {function_number("select"), {1, 4, 3}}};
  program.results = {{Dtype::f32, 5}, {Dtype::f64, 4}};
  program.elements = kElements;
  const Type all{Dtype::f32, {kElements}}, mask{Dtype::boolean, {kElements}};
  const Reals x = random_reals(all, -5, 5, 1), chosen = random_reals(mask, 0, 2, 2);
  const Tensor operands[] = {tensor_of(all, x), tensor_of(mask, chosen),
                             tensor_of({Dtype::f32, {1}}, {0.5})};
  const void* from[] = {operands[0].data(), operands[1].data(), operands[2].data()};
  for (const auto& kernel : machines_of(program)) {
    const Tensor y(all), most({Dtype::f64, {kElements}});
    void* to[] = {y.data(), most.data()};
    const Exec exec;
    kernel->run({exec, from, to, nullptr});
    exec.fence();
    const Reals mask_values = reals_of(operands[1]), found = reals_of(y),
                found_most = reals_of(most);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const float at = static_cast<float>(x[k]), half = at * 0.5F, larger = std::max(half, at);
      ASSERT_EQ(found[k], mask_values[k] != 0 ? larger : half) << k;
      ASSERT_EQ(found_most[k], larger) << k;
    }
  }
}

/// A chain of additions and maxima of what came before it, in any order: values live long and short.
TileProgram random_chain(std::uint32_t seed, std::int64_t elements) {
  std::minstd_rand random(seed);
  TileProgram program;
  program.operands = {{Dtype::f32}, {Dtype::f32, 1, 7}, {Dtype::f32}};
  program.constants = {0.5, -2, 3};
  const int leaves = 6;
  for (int registers = leaves; registers < leaves + 30; ++registers) {
    const auto any = [&] { return static_cast<int>(random() % static_cast<unsigned>(registers)); };
    const char* function = random() % 2 == 0 ? "add" : "max";
    program.instructions.push_back({function_number(function), {any(), any(), 0}});
  }
  program.results = {{Dtype::f32, leaves + 29}, {Dtype::f32, leaves + 7}, {Dtype::f32, 2}};
  program.elements = elements;
  return program;
}

/// The same with every value kept, on the host.
float value_of(const TileProgram& program, int wanted, const std::vector<float>& leaves) {
  static const int kMax = function_number("max");
  std::vector<float> values = leaves;
  for (const auto& i : program.instructions) {
    const float a = values[static_cast<std::size_t>(i.arguments[0])],
                b = values[static_cast<std::size_t>(i.arguments[1])];
    values.push_back(i.function == kMax ? std::max(a, b) : a + b);
  }
  return values[static_cast<std::size_t>(wanted)];
}

TEST(TileMachine, UsesRegistersAgainOnlyWhenTheirValuesAreDead) {
  constexpr std::int64_t kElements = 700;
  const Type all{Dtype::f32, {kElements}}, few{Dtype::f32, {7}};
  const Reals a = random_reals(all, -5, 5, 1), b = random_reals(few, -1, 1, 2),
              c = random_reals(all, -3, 3, 3);
  const Tensor operands[] = {tensor_of(all, a), tensor_of(few, b), tensor_of(all, c)};
  const void* from[] = {operands[0].data(), operands[1].data(), operands[2].data()};
  for (std::uint32_t seed = 1; seed <= 40; ++seed) {
    const auto program = random_chain(seed, kElements);
    const Tensor results[] = {Tensor(all), Tensor(all), Tensor(all)};
    void* to[] = {results[0].data(), results[1].data(), results[2].data()};
    for (const auto& kernel : machines_of(program)) {
      const Exec exec;
      kernel->run({exec, from, to, nullptr});
      exec.fence();
      for (std::size_t r = 0; r < 3; ++r) {
        const auto found = results[r].to_host<float>();
        for (std::size_t k = 0; k < kElements; ++k)
          ASSERT_EQ(found[k], value_of(program, program.results[r].source,
                                       {static_cast<float>(a[k]), static_cast<float>(b[k % 7]),
                                        static_cast<float>(c[k]), 0.5F, -2, 3}))
              << "chain " << seed << ", result " << r;
      }
    }
  }
}

}  // namespace
}  // namespace r1::ml
