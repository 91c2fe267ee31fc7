// Loops of two functions: they give the bits that two loops give.
// SPDX-License-Identifier: Apache-2.0
#include "ml/runtime/pointwise_functions.hpp"
#include "ml/runtime/tile_loops.hpp"
#include "ml/runtime/tile_machine.hpp"
#include "ml/runtime/tile_schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <vector>

namespace r1::ml {
namespace {

using tile::Schedule;

constexpr int kFunctions = pointwise::Functions::size;
constexpr int kArguments = tile::kMostArguments;

/// Numbers whose products have more digits than T, and those that comparisons and signs treat in a way of their own.
template <class T>
std::vector<T> numbers(std::size_t n, std::uint32_t seed) {
  using Limits = std::numeric_limits<T>;
  static const T kSpecial[] = {T(0),
                               -T(0),
                               T(1),
                               -T(1),
                               Limits::infinity(),
                               -Limits::infinity(),
                               Limits::quiet_NaN(),
                               Limits::denorm_min()};
  std::mt19937 random(seed);
  std::uniform_real_distribution<T> real(-2, 2);
  std::vector<T> values(n);
  for (auto& value : values) value = random() % 4 == 0 ? kSpecial[random() % 8] : real(random);
  return values;
}

template <class T>
bool same_bits(T a, T b) {
  return (std::isnan(a) && std::isnan(b)) || (a == b && std::signbit(a) == std::signbit(b));
}

template <class T>
std::vector<T> run_loop(tile::Loop<T> loop, const std::vector<std::vector<T>>& arguments,
                        std::size_t n) {
  std::vector<const T*> from;
  for (const auto& argument : arguments) from.push_back(argument.data());
  from.resize(kArguments);
  std::vector<T> result(n + 1, T(-77));
  loop(from.data(), result.data(), static_cast<std::int64_t>(n), 0);
  EXPECT_EQ(result[n], T(-77));
  return result;
}

template <class T>
void compare(int outer, int inner, int position, std::size_t n) {
  const int first = arity_of(inner), others = arity_of(outer) - 1;
  std::vector<std::vector<T>> arguments;
  for (int a = 0; a < first + others; ++a)
    arguments.push_back(numbers<T>(n, static_cast<std::uint32_t>(100 * n) + a));
  const auto found = run_loop(tile::loop_of_pair<T>(outer, inner, position), arguments, n);

  const std::vector<std::vector<T>> of_inner(arguments.begin(), arguments.begin() + first);
  std::vector<std::vector<T>> of_outer(arguments.begin() + first, arguments.end());
  of_outer.insert(of_outer.begin() + position, run_loop(tile::loop_of<T>(inner), of_inner, n));
  const auto expected = run_loop(tile::loop_of<T>(outer), of_outer, n);
  for (std::size_t k = 0; k < n; ++k)
    ASSERT_TRUE(same_bits(found[k], expected[k]))
        << function_name(outer) << " of " << function_name(inner) << " at " << position << ": "
        << found[k] << ", not " << expected[k];
}

TEST(TilePairs, GiveTheBitsOfTwoLoops) {
  int pairs = 0;
  for (int outer = 0; outer < kFunctions; ++outer)
    for (int inner = 0; inner < kFunctions; ++inner)
      for (int position = 0; position < arity_of(outer); ++position) {
        if (!tile::has_pair(outer, inner, position)) continue;
        ++pairs;
        for (const std::size_t n : {1, 7, 300}) {
          compare<float>(outer, inner, position, n);
          compare<double>(outer, inner, position, n);
        }
      }
  // Of add, less_equal, less, max, mul, neg, select; of a selected one only two others are left for a choice.
  EXPECT_EQ(pairs, 7 * (2 + 2 + 2 + 2 + 2 + 1) + 6 * 3);
}

TileProgram program_of(Dtype dtype, std::vector<TileProgram::Instruction> instructions) {
  TileProgram program;
  program.computes_in = dtype;
  program.operands = {{dtype}, {dtype}};
  program.instructions = std::move(instructions);
  program.results = {{dtype, static_cast<int>(1 + program.instructions.size())}};
  program.elements = 10;
  return program;
}

const int kAdd = function_number("add"), kMul = function_number("mul");

TEST(TilePairs, AreMadeOfValuesThatOneInstructionReads) {
  // (x y + x) (x y + x): a pair, and one that reads its value twice.
  const auto program =
      program_of(Dtype::f32, {{kMul, {0, 1, 0}}, {kAdd, {0, 2, 0}}, {kMul, {3, 3, 0}}});
  const Schedule schedule(program);
  ASSERT_EQ(schedule.steps().size(), 2U);
  EXPECT_EQ(schedule.steps()[0].function, kAdd);
  EXPECT_EQ(schedule.steps()[0].inner, kMul);
  EXPECT_EQ(schedule.steps()[0].position, 1);
  EXPECT_EQ(schedule.steps()[1].inner, -1);
}

TEST(TilePairs, AreNotMadeOfResultsNorOfIntegers) {
  auto program = program_of(Dtype::f32, {{kMul, {0, 1, 0}}, {kAdd, {2, 0, 0}}});
  EXPECT_EQ(Schedule(program).steps().size(), 1U);
  program.results.push_back({Dtype::f32, 2});
  EXPECT_EQ(Schedule(program).steps().size(), 2U);
  program = program_of(Dtype::i64, {{kMul, {0, 1, 0}}, {kAdd, {2, 0, 0}}});
  EXPECT_EQ(Schedule(program).steps().size(), 2U);
}

/// An operand that the first of two functions reads may be read later than the result of another instruction is written.
TEST(TilePairs, KeepOperandsUntilTheyAreRead) {
  // p = x + y, a result; then x y - p in one loop, which still needs x.
  const int neg = function_number("neg");
  auto program = program_of(
      Dtype::f32, {{kMul, {0, 1, 0}}, {kAdd, {0, 1, 0}}, {neg, {3, 0, 0}}, {kAdd, {2, 4, 0}}});
  program.results.insert(program.results.begin(), {Dtype::f32, 3});
  const Schedule schedule(program);
  ASSERT_EQ(schedule.steps().size(), 3U);
  EXPECT_FALSE(schedule.in_place(0, 0));
  EXPECT_TRUE(schedule.in_place(1, 0));
}

}  // namespace
}  // namespace r1::ml
