// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/random.hpp"

#include "ml/ops/leaves.hpp"
#include "ml/ops/logic.hpp"
#include "ml/ops/registry.hpp"
#include "ml/runtime/kernel.hpp"

#include <cmath>
#include <xxhash.h>

namespace r1::ml {
namespace {

class RandomBitsOp final : public ConstantOp {
 public:
  std::string_view name() const override { return "random_bits"; }
  std::vector<Type> infer(std::span<const Type> operands,
                          const Attributes& attributes) const override {
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
    return {{Dtype::u32, Shape(extents)}};
  }
  std::unique_ptr<Kernel> kernel(const KernelRequest& request) const override {
    return random_bits_kernel(request);
  }
  std::vector<Example> examples() const override {
    const Type scalar{Dtype::i64, {}}, samples{Dtype::i64, {3}};
    return {{{{scalar, 0, 9}, {scalar, 0, 9}, {samples, 0, 9}},
             {{"stream", std::int64_t{1}}, {"extents", Integers{5}}}}};
  }
} const kRandomBits;

}  // namespace

Value random_bits(const RandomKey& key, std::int64_t stream, const Integers& extents) {
  return apply1(kRandomBits, {{"stream", stream}, {"extents", extents}},
                {key.seed, key.step, key.samples});
}

Value random_choice(const RandomKey& key, std::int64_t stream, const Integers& extents,
                    double probability) {
  require(probability >= 0 && probability <= 1, "{} is no probability", probability);
  const Value bits = cast(random_bits(key, stream, extents), Dtype::i64);
  return bits < constant_like(bits, std::floor(probability * 0x1p32));
}

std::int64_t stream_of(const std::string& path) {
  return static_cast<std::int64_t>(XXH64(path.data(), path.size(), 0) >> 1);  // not negative
}

void add_random(OpRegistry& registry) { registry.add(kRandomBits); }

}  // namespace r1::ml
