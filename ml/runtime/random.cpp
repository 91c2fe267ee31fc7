// Random bits, and choices made of them (core/random.hpp). One item of work is a stretch of a sample's blocks of four elements.
// SPDX-License-Identifier: Apache-2.0
#include "core/random_lanes.hpp"
#include "ml/runtime/kernel.hpp"

namespace r1::ml {
namespace {

constexpr std::int64_t kStretch =
    kDeviceIsHost ? 64
                  : 1;  // blocks, a multiple of kRandomLanes on CPUs; a stretch makes its key once

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

/// Blocks [begin, end) of a sample, whose elements are `to`.
template <class Make>
struct Stretch {
  Make make;
  TensorRandom random;
  std::uint64_t sample, step;
  std::int64_t elements;
  typename Make::Element* to;

  KOKKOS_INLINE_FUNCTION void fill(std::int64_t begin, std::int64_t end) const {
    if constexpr (kDeviceIsHost) {
      for (std::int64_t block = begin; block < end; block += kRandomLanes) {
        std::uint32_t bits[4 * kRandomLanes];
        random_blocks(random, sample, step, static_cast<std::uint32_t>(block), bits);
        put(block, 4 * kRandomLanes, bits);
      }
    } else {
      for (std::int64_t block = begin; block < end; ++block)
        put(block, 4, random.block(sample, step, static_cast<std::uint32_t>(block)));
    }
  }
  template <class Bits>
  KOKKOS_INLINE_FUNCTION void put(std::int64_t block, std::int64_t most, const Bits& bits) const {
    const std::int64_t left = elements - 4 * block, n = left < most ? left : most;
    for (std::int64_t k = 0; k < n; ++k) to[4 * block + k] = make(bits[k]);
  }
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
    const std::int64_t row = item / stretches, begin = item % stretches * kStretch;
    const Stretch<Make> stretch{make,
                                TensorRandom(static_cast<std::uint64_t>(*seed), stream),
                                static_cast<std::uint64_t>(sample[row]),
                                static_cast<std::uint64_t>(*step),
                                elements,
                                to + row * elements};
    stretch.fill(begin, begin + kStretch < blocks ? begin + kStretch : blocks);
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
