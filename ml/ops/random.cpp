// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/random.hpp"

#include "ml/ops/leaves.hpp"
#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

#include <cmath>
#include <xxhash.h>

namespace r1::ml {
namespace {

/// (N, extents...) of a seed, a step and N samples.
std::vector<Type> infer_random(std::span<const Type> operands, const Attributes& attributes,
                               Dtype dtype) {
  const auto is_index = [](const Type& type, int rank) {
    return type.dtype == Dtype::i64 && type.shape.rank() == rank;
  };
  require(is_index(operands[0], 0) && is_index(operands[1], 0) && is_index(operands[2], 1),
          "a seed, a step and samples are needed, i64 (), () and (N,); these are {}, {} and {}",
          operands[0].text(), operands[1].text(), operands[2].text());
  auto extents = attributes.integers("extents");
  require(Shape(extents).elements() < (std::int64_t{1} << 34),
          "a sample has at most 2^34 random elements, not {}", Shape(extents).text());
  extents.insert(extents.begin(), operands[2].shape[0]);
  return {{dtype, Shape(extents)}};
}

std::vector<Example> random_examples(Attributes attributes) {
  const Type scalar{Dtype::i64, {}}, samples{Dtype::i64, {3}};
  attributes.set("stream", std::int64_t{1}).set("extents", Integers{5});
  return {{{{scalar, 0, 9}, {scalar, 0, 9}, {samples, 0, 9}}, attributes}};
}

class RandomBitsOp final : public ConstantOp {
 public:
  std::string_view name() const override { return "random_bits"; }
  int arity() const override { return 3; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    return infer_random(operands, attributes, Dtype::u32);
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return random_bits_kernel(request);
  }
  std::vector<Example> examples() const override { return random_examples({}); }
} const kRandomBits;

class RandomChoice final : public ConstantOp {
 public:
  std::string_view name() const override { return "random_choice"; }
  int arity() const override { return 3; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
    return infer_random(operands, attributes, Dtype::boolean);
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return random_choice_kernel(request);
  }
  std::vector<Example> examples() const override {
    return random_examples({{"below", std::int64_t{1} << 30}});
  }
} const kRandomChoice;

}  // namespace

Value random_bits(const RandomKey& key, std::int64_t stream, const Integers& extents) {
  return apply1(kRandomBits, {{"stream", stream}, {"extents", extents}},
                {key.seed, key.step, key.samples});
}

Value random_choice(const RandomKey& key, std::int64_t stream, const Integers& extents,
                    double probability) {
  require(probability >= 0 && probability <= 1, "{} is no probability", probability);
  const auto below = static_cast<std::int64_t>(std::floor(probability * 0x1p32));
  return apply1(kRandomChoice, {{"below", below}, {"stream", stream}, {"extents", extents}},
                {key.seed, key.step, key.samples});
}

std::int64_t stream_of(const std::string& path) {
  return static_cast<std::int64_t>(XXH64(path.data(), path.size(), 0) >> 1);  // not negative
}

void add_random(OpRegistry& registry) {
  registry.add(kRandomBits);
  registry.add(kRandomChoice);
}

}  // namespace r1::ml
