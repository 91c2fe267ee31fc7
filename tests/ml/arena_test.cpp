// What a plan says that it needs is what it touches: the arena of a training step, scratch memory of the libraries included; and how well
// buffers are packed in it.
// SPDX-License-Identifier: Apache-2.0
#include "ml/models/model.hpp"
#include "ml/train/plans.hpp"
#include "tests/ml/made.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace r1::ml {
namespace {

constexpr std::size_t kPage = 4096;
constexpr double kMost = 1.02;  // of what is touched, and of the least that any plan needs

Recipe recipe_of(std::shared_ptr<const Layer> model, Type x, Type y) {
  Recipe recipe;
  recipe.model = std::move(model);
  recipe.loss = test::made(builtin_losses(), "cross_entropy: {}", LossContext{});
  recipe.optimizer = test::made(builtin_optimizers(), "adamw: {}", OptimizerContext{});
  recipe.x = std::move(x);
  recipe.y = std::move(y);
  return recipe;
}

/// Those of inputs/mnist_cnn.yaml and inputs/char_lm.yaml.
Recipe convolutional() {
  auto model = test::sequence_of({"conv2d: {out_channels: 32, kernel_size: 3}", "relu: {}",
                                  "conv2d: {out_channels: 64, kernel_size: 3}", "relu: {}",
                                  "max_pool2d: {kernel_size: 2}", "dropout: 0.25", "flatten: {}",
                                  "linear: 128", "relu: {}", "dropout: 0.5", "linear: 10"});
  return recipe_of(std::move(model), {Dtype::f32, {1, 28, 28}}, {Dtype::i32, {}});
}
Recipe transformer() {
  std::shared_ptr<const Layer> model = test::made(
      builtin_models(), "gpt: {layers: 4, heads: 4, d_model: 128, bias: false}", ModelContext{65});
  auto recipe = recipe_of(std::move(model), {Dtype::i32, {64}}, {Dtype::i32, {64}});
  recipe.gradient_clip = 1;
  return recipe;
}

/// The arena after a step that found it full of `pattern`; parameters, moments and data are the same each time.
std::vector<std::uint8_t> arena_after_step(const Recipe& recipe, std::int64_t samples,
                                           std::uint8_t pattern, std::size_t beyond) {
  const auto layout = layout_of(recipe);
  StateSet state;
  for (std::size_t k = 0; k < layout.buffers().size(); ++k)
    state.tensor(layout.buffers()[k].name, layout.buffers()[k].type).set(layout.initial(k, 1));
  BoundPlan step(step_graph(recipe, layout, samples), state);
  const View<std::byte*> arena("arena", step.plan().arena_bytes() + beyond);
  std::vector<std::uint8_t> bytes(arena.size(), pattern);
  using Host = Kokkos::View<std::byte*, Kokkos::HostSpace, Kokkos::MemoryUnmanaged>;
  const Host host(reinterpret_cast<std::byte*>(bytes.data()), bytes.size());
  Kokkos::deep_copy(arena, host);
  step.plan().use_arena(arena);
  const Exec exec;
  step.plan().run(exec);
  exec.fence();
  Kokkos::deep_copy(host, arena);
  return bytes;
}

/// A byte is touched where it is another than the pattern after one of two runs with different ones.
void expect_touched(const Recipe& recipe, std::int64_t samples, std::size_t arena_bytes) {
  constexpr std::size_t kBeyond = 1 << 20;
  constexpr std::uint8_t kOne = 0xA5, kOther = 0x3C;
  const auto one = arena_after_step(recipe, samples, kOne, kBeyond),
             other = arena_after_step(recipe, samples, kOther, kBeyond);
  ASSERT_EQ(one.size(), arena_bytes + kBeyond);
  std::size_t end = 0, pages = 0, last_page = one.size();
  for (std::size_t k = 0; k < one.size(); ++k) {
    if (one[k] == kOne && other[k] == kOther) continue;
    end = k + 1;
    if (k / kPage != last_page) ++pages;
    last_page = k / kPage;
  }
  EXPECT_LE(end, arena_bytes) << "nothing is written behind the arena";
  const auto all = static_cast<double>(arena_bytes);
  EXPECT_LT(all, kMost * static_cast<double>(end));
  if (!kDeviceIsHost) return;  // cuDNN asks for more than it touches
  EXPECT_LT(all, kMost * static_cast<double>(pages * kPage)) << "of pages touched";
}

void expect_tight(const Recipe& recipe, std::int64_t samples) {
  StateSet state;
  BoundPlan step(step_graph(recipe, layout_of(recipe), samples), state);
  const auto& plan = step.plan();
  ::testing::Test::RecordProperty("arena_bytes", std::to_string(plan.arena_bytes()));
  ::testing::Test::RecordProperty("least_arena_bytes", std::to_string(plan.least_arena_bytes()));
  EXPECT_LT(static_cast<double>(plan.arena_bytes()),
            kMost * static_cast<double>(plan.least_arena_bytes()))
      << plan.arena_bytes() << " where " << plan.least_arena_bytes() << " are needed at once";
  expect_touched(recipe, samples, plan.arena_bytes());
}

TEST(Arena, OfAConvolutionalNetIsWhatItsStepTouches) { expect_tight(convolutional(), 64); }
TEST(Arena, OfATransformerIsWhatItsStepTouches) { expect_tight(transformer(), 12); }

}  // namespace
}  // namespace r1::ml
