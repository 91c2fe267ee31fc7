// Random bits, and choices made of them (core/random.hpp). One item of work is a stretch of a sample's blocks of four elements.
// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include "ml/runtime/kernel.hpp"

namespace r1::ml {
namespace {

constexpr std::int64_t kStretch = kDeviceIsHost ? 64 : 1;  // blocks; a stretch makes its key once

/// What becomes of 32 random bits.
struct Bits {
  using Element = std::uint32_t;
  KOKKOS_INLINE_FUNCTION Element operator()(std::uint32_t bits) const { return bits; }
};
struct Choice {
  using Element = std::uint8_t;
  std::uint64_t below;  // of 2^32
  KOKKOS_INLINE_FUNCTION Element operator()(std::uint32_t bits) const { return bits < below; }
};

template <class Make>
void run_random(const Exec& exec, const Make& make, std::uint64_t stream, std::int64_t samples,
                std::int64_t elements, const Launch& launch) {
  using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
  const auto* seed = static_cast<const std::int64_t*>(launch.operands[0]);
  const auto* step = static_cast<const std::int64_t*>(launch.operands[1]);
  const auto* sample = static_cast<const std::int64_t*>(launch.operands[2]);
  auto* to = static_cast<typename Make::Element*>(launch.results[0]);
  const std::int64_t blocks = (elements + 3) / 4, stretches = (blocks + kStretch - 1) / kStretch;
  const auto fill = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t row = item / stretches, first = item % stretches * kStretch;
    const TensorRandom random(static_cast<std::uint64_t>(*seed), stream);
    const std::int64_t end = first + kStretch < blocks ? first + kStretch : blocks;
    for (std::int64_t block = first; block < end; ++block) {
      const RandomBits bits =
          random.block(static_cast<std::uint64_t>(sample[row]), static_cast<std::uint64_t>(*step),
                       static_cast<std::uint32_t>(block));
      for (std::int64_t k = 0; k < 4 && 4 * block + k < elements; ++k)
        to[row * elements + 4 * block + k] = make(bits[k]);
    }
  };
  Kokkos::parallel_for("r1::ml::random", Policy(exec, 0, samples * stretches), fill);
}

template <class Make>
class RandomKernel final : public Kernel {
 public:
  RandomKernel(const KernelRequest& request, Make make)
      : make_(make),
        stream_(static_cast<std::uint64_t>(request.attributes.integer("stream"))),
        samples_(request.operands[2].shape[0]),
        elements_(Shape(request.attributes.integers("extents")).elements()) {}
  void run(const Launch& launch) const override {
    run_random(launch.exec, make_, stream_, samples_, elements_, launch);
  }

 private:
  Make make_;
  std::uint64_t stream_;
  std::int64_t samples_, elements_;
};

}  // namespace

std::unique_ptr<Kernel> random_bits_kernel(const KernelRequest& request) {
  return std::make_unique<RandomKernel<Bits>>(request, Bits{});
}

std::unique_ptr<Kernel> random_choice_kernel(const KernelRequest& request) {
  const auto below = static_cast<std::uint64_t>(request.attributes.integer("below"));
  return std::make_unique<RandomKernel<Choice>>(request, Choice{below});
}

}  // namespace r1::ml
