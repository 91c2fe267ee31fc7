// Chains of the tile machine: constants, and operands that repeat.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/tile_machine.hpp"

#include "tests/ml/evaluate.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace r1::ml {
namespace {

using test::random_reals;
using test::Reals;
using test::reals_of;
using test::tensor_of;

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
  for (const auto& kernel : {team_tile_kernel(program), host_tile_kernel(program)}) {
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

}  // namespace
}  // namespace r1::ml
