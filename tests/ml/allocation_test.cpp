// After its first step a training run allocates nothing of a page or more: all it needs has its place in the plan.
// SPDX-License-Identifier: Apache-2.0
#include "ml/data/batches.hpp"
#include "ml/train/plans.hpp"
#include "tests/ml/made.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kPage = 4096;
std::atomic<std::int64_t> large_allocations{0};

// Not in operator new itself, which nvcc takes for device code.
void* or_throw(void* memory) {
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

/// nullptr where there is no memory.
void* counted(std::size_t bytes) noexcept {
  if (bytes >= kPage) ++large_allocations;
  return std::malloc(bytes);
}

/// Likewise. Kokkos takes its memory through these.
void* counted(std::size_t bytes, std::align_val_t alignment) noexcept {
  if (bytes >= kPage) ++large_allocations;
  const auto a = static_cast<std::size_t>(alignment);
  return std::aligned_alloc(a, (bytes + a - 1) / a * a);
}

}  // namespace

// NOLINTBEGIN: these replace the program's own, all of them: a sanitizer has its own for those that are left
void* operator new(std::size_t bytes) { return or_throw(counted(bytes)); }
void* operator new[](std::size_t bytes) { return or_throw(counted(bytes)); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return counted(bytes); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return counted(bytes); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return or_throw(counted(bytes, alignment));
}
void* operator new(std::size_t bytes, std::align_val_t alignment, const std::nothrow_t&) noexcept {
  return counted(bytes, alignment);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
// NOLINTEND

namespace r1::ml {
namespace {

/// Images of noise.
class Noise final : public Dataset {
 public:
  std::int64_t samples() const override { return 2000; }
  const Type& x() const override { return x_; }
  const Type& y() const override { return y_; }
  std::int64_t classes() const override { return 3; }
  void read(Pick pick, std::byte* x, std::byte* y) const override {
    for (std::size_t k = 0; k < x_.bytes(); ++k)
      x[k] = static_cast<std::byte>((static_cast<std::size_t>(pick.index) * 31 + k * 7) % 256);
    const auto label = static_cast<std::int32_t>(pick.index % 3);
    std::copy_n(reinterpret_cast<const std::byte*>(&label), sizeof label, y);
  }

 private:
  Type x_{Dtype::u8, {1, 12, 12}}, y_{Dtype::i32, {}};
};

Recipe recipe_of(const Dataset& data) {
  Recipe recipe;
  recipe.model = test::sequence_of({"conv2d: {out_channels: 8, kernel_size: 3}", "relu: {}",
                                    "max_pool2d: {kernel_size: 2}", "dropout: 0.2", "flatten: {}",
                                    "linear: 32", "tanh: {}", "linear: 3"});
  recipe.loss = test::made(builtin_losses(), "cross_entropy: {}", LossContext{});
  recipe.optimizer = test::made(builtin_optimizers(), "adamw: {}", OptimizerContext{});
  recipe.x = data.x();
  recipe.y = data.y();
  recipe.x_scale = 255;
  recipe.gradient_clip = 1.0;
  return recipe;
}

TEST(Allocation, NothingOfAPageOrMoreAfterTheFirstStep) {
  const Noise data;
  TrainingPlans plans(recipe_of(data), 256, 1, 1);
  large_allocations = 0;
  BatchReader reader(data, {data.samples(), 256, Shuffle::yes, LastBatch::dropped, 1}, 0, 40);
  const Exec exec;
  for (int step = 0; step < 40; ++step) {
    if (step == 1) {
      EXPECT_GT(large_allocations, 0) << "the plan's memory was seen";
      large_allocations = 0;
    }
    Batch batch = reader.next();
    plans.step(exec, batch, 1e-3);
    reader.recycle(std::move(batch));
  }
  exec.fence();
  EXPECT_EQ(large_allocations, 0);
}

}  // namespace
}  // namespace r1::ml
