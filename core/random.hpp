// Counter-based random numbers: a pure function of (seed, atom id, step, purpose, draw), so they
// are the same on any number of ranks and threads and need no state in a checkpoint. Philox4x32-10
// of Random123 (Salmon, Moraes, Dror, Shaw, SC'11, doi:10.1145/2063384.2063405). Key: the seed.
// Counter, 4 x 32 bits: id low, step low, id high 16 | step high 16, purpose 16 | draw 16. Distinct
// arguments (id, step < 2^48; draw < 2^16) therefore never share a counter.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/device.hpp"

// Random123 knows CUDA and OpenCL; this marks its functions for every device that Kokkos compiles
// for.
#define R123_CUDA_DEVICE KOKKOS_FUNCTION
#include <Random123/philox.h>

#include <cstdint>

namespace r1 {

/// What a random number is for. Values are part of what a seed means: add at the end, never
/// renumber.
enum class RandomPurpose : std::uint16_t {
  velocity = 0,  // Maxwell velocities at the start
  langevin = 1,
  displacement = 2,  // random shifts of positions
  composition = 3,   // which species sits on a lattice site
  nose_hoover = 4,
  stochastic_rescale = 5,
  test = 6,
};

using RandomBits = Kokkos::Array<std::uint32_t, 4>;

/// Philox4x32-10 itself.
KOKKOS_INLINE_FUNCTION RandomBits philox(const RandomBits& counter, std::uint32_t key0,
                                         std::uint32_t key1) {
  using Generator = r123::Philox4x32_R<10>;
  const Generator::ctr_type c = {{counter[0], counter[1], counter[2], counter[3]}};
  const Generator::key_type k = {{key0, key1}};
  const Generator::ctr_type out = Generator()(c, k);
  return {out.v[0], out.v[1], out.v[2], out.v[3]};
}

/// 64 random bits -> a double of 53 bits in (0, 1); both ends are excluded, so its logarithm is
/// finite.
KOKKOS_INLINE_FUNCTION double unit_interval(std::uint32_t high, std::uint32_t low) {
  const std::uint64_t bits = ((std::uint64_t{high} << 32) | low) >> 11;
  return (bits == 0 ? 0.5 : static_cast<double>(bits)) * 0x1p-53;
}

/// Two independent numbers, uniform in (0, 1).
KOKKOS_INLINE_FUNCTION Kokkos::Array<double, 2> uniform_pair(const RandomBits& b) {
  return {unit_interval(b[0], b[1]), unit_interval(b[2], b[3])};
}

/// Two independent standard normal numbers, by Box and Muller: exact, no loop, no rejection; |x| <= 8.66.
KOKKOS_INLINE_FUNCTION Kokkos::Array<double, 2> normal_pair(const RandomBits& b) {
  const Kokkos::Array<double, 2> u = uniform_pair(b);
  const double radius = Kokkos::sqrt(-2.0 * Kokkos::log(u[0]));
  const double angle = 2.0 * Kokkos::numbers::pi * u[1];
  return {radius * Kokkos::cos(angle), radius * Kokkos::sin(angle)};
}

/// The random numbers of one seed and purpose. A trivially copyable value: capture it in kernels.
class Random {
 public:
  Random(std::uint64_t seed, RandomPurpose purpose) : seed_(seed), purpose_(purpose) {}

  KOKKOS_INLINE_FUNCTION RandomBits bits(std::uint64_t id, std::uint64_t step,
                                         std::uint32_t draw = 0) const {
    const auto high =
        static_cast<std::uint32_t>(((id >> 32) & 0xffff) << 16 | ((step >> 32) & 0xffff));
    const auto last = static_cast<std::uint32_t>(purpose_) << 16 | (draw & 0xffff);
    return philox({static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(step), high, last},
                  static_cast<std::uint32_t>(seed_), static_cast<std::uint32_t>(seed_ >> 32));
  }

  /// Two independent numbers, uniform in (0, 1).
  KOKKOS_INLINE_FUNCTION Kokkos::Array<double, 2> uniform2(std::uint64_t id, std::uint64_t step,
                                                           std::uint32_t draw = 0) const {
    return uniform_pair(bits(id, step, draw));
  }

  /// Two independent standard normal numbers.
  KOKKOS_INLINE_FUNCTION Kokkos::Array<double, 2> normal2(std::uint64_t id, std::uint64_t step,
                                                          std::uint32_t draw = 0) const {
    return normal_pair(bits(id, step, draw));
  }

  /// Three of them, a vector's; uses draws 2 * draw and 2 * draw + 1.
  KOKKOS_INLINE_FUNCTION Kokkos::Array<double, 3> normal3(std::uint64_t id, std::uint64_t step,
                                                          std::uint32_t draw = 0) const {
    const Kokkos::Array<double, 2> a = normal2(id, step, 2 * draw);
    const Kokkos::Array<double, 2> b = normal2(id, step, 2 * draw + 1);
    return {a[0], a[1], b[0]};
  }

 private:
  std::uint64_t seed_;
  RandomPurpose purpose_;
};

/// Random bits for tensors: a pure function of (seed, stream, id, step, element). A stream is one use, such as a dropout layer; an id
/// a sample; elements are counted within it, four to a block. Key: Philox of the stream under the seed. Counter: block | id low |
/// step low | id high 16, step high 16.
class TensorRandom {
 public:
  KOKKOS_INLINE_FUNCTION TensorRandom(std::uint64_t seed, std::uint64_t stream) {
    const RandomBits key =
        philox({static_cast<std::uint32_t>(stream), static_cast<std::uint32_t>(stream >> 32),
                0x6c6d2e72, 0},
               static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32));
    key_[0] = key[0];
    key_[1] = key[1];
  }

  /// Elements 4 block to 4 block + 3.
  KOKKOS_INLINE_FUNCTION RandomBits block(std::uint64_t id, std::uint64_t step,
                                          std::uint32_t block) const {
    return philox(counter(id, step, block), key_[0], key_[1]);
  }
  KOKKOS_INLINE_FUNCTION static RandomBits counter(std::uint64_t id, std::uint64_t step,
                                                   std::uint32_t block) {
    const auto high =
        static_cast<std::uint32_t>(((id >> 32) & 0xffff) << 16 | ((step >> 32) & 0xffff));
    return {block, static_cast<std::uint32_t>(id), static_cast<std::uint32_t>(step), high};
  }
  std::uint32_t key(int k) const { return key_[k]; }

 private:
  std::uint32_t key_[2];
};

}  // namespace r1
