// Random bits (core/random.hpp). One item of work is a block of four elements of a sample.
// SPDX-License-Identifier: Apache-2.0
#include "core/random.hpp"

#include "ml/runtime/kernel.hpp"

namespace r1::ml {
namespace {

void run_random_bits(const Exec& exec, std::uint64_t stream, std::int64_t samples,
                     std::int64_t elements, const std::int64_t* seed, const std::int64_t* step,
                     const std::int64_t* sample, std::uint32_t* to) {
  using Policy = Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>;
  const std::int64_t blocks = (elements + 3) / 4;
  const auto fill_block = KOKKOS_LAMBDA(const std::int64_t item)->void {
    const std::int64_t row = item / blocks, block = item % blocks;
    const TensorRandom random(static_cast<std::uint64_t>(*seed), stream);
    const RandomBits bits =
        random.block(static_cast<std::uint64_t>(sample[row]), static_cast<std::uint64_t>(*step),
                     static_cast<std::uint32_t>(block));
    for (std::int64_t k = 0; k < 4 && 4 * block + k < elements; ++k)
      to[row * elements + 4 * block + k] = bits[k];
  };
  Kokkos::parallel_for("r1::ml::random_bits", Policy(exec, 0, samples * blocks), fill_block);
}

class RandomBitsKernel final : public Kernel {
 public:
  explicit RandomBitsKernel(const KernelRequest& request)
      : stream_(static_cast<std::uint64_t>(request.attributes.integer("stream"))),
        samples_(request.operands[2].shape[0]),
        elements_(Shape(request.attributes.integers("extents")).elements()) {}
  void run(const Launch& launch) const override {
    const auto at = [&launch](std::size_t k) {
      return static_cast<const std::int64_t*>(launch.operands[k]);
    };
    run_random_bits(launch.exec, stream_, samples_, elements_, at(0), at(1), at(2),
                    static_cast<std::uint32_t*>(launch.results[0]));
  }

 private:
  std::uint64_t stream_;
  std::int64_t samples_, elements_;
};

}  // namespace

std::unique_ptr<Kernel> random_bits_kernel(const KernelRequest& request) {
  return std::make_unique<RandomBitsKernel>(request);
}

}  // namespace r1::ml
