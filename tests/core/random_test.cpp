// Random numbers: published answers of Philox, ranges, moments and distribution at fixed seeds,
// independence of the arguments.
// SPDX-License-Identifier: Apache-2.0
#include "core/random_lanes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

namespace r1 {
namespace {

constexpr int kSamples = 200000;

std::vector<std::uint32_t> answer(RandomBits counter, std::uint32_t key0, std::uint32_t key1) {
  const RandomBits out = philox(counter, key0, key1);
  return {out[0], out[1], out[2], out[3]};
}

std::vector<std::uint32_t> words(const RandomBits& b) { return {b[0], b[1], b[2], b[3]}; }

/// (2 n) standard normals, ids 0 to n - 1.
std::vector<double> normals(const Random& random, std::uint64_t step) {
  std::vector<double> out;
  for (std::uint64_t id = 0; id < kSamples / 2; ++id) {
    const auto pair = random.normal2(id, step);
    out.push_back(pair[0]);
    out.push_back(pair[1]);
  }
  return out;
}

double mean(const std::vector<double>& x) {
  double sum = 0;
  for (const double v : x) sum += v;
  return sum / static_cast<double>(x.size());
}

double moment(const std::vector<double>& x, int power) {
  double sum = 0;
  for (const double v : x) sum += std::pow(v, power);
  return sum / static_cast<double>(x.size());
}

double correlation(const std::vector<double>& x, const std::vector<double>& y) {
  double sum = 0;
  for (std::size_t i = 0; i < x.size(); ++i) sum += x[i] * y[i];
  return sum / static_cast<double>(x.size());
}

/// Kolmogorov and Smirnov's sqrt(n) max |F_n - F|; above 1.95 once in a thousand samples.
template <class F>
double kolmogorov_smirnov(std::vector<double> x, F cumulative) {
  std::sort(x.begin(), x.end());
  const double n = static_cast<double>(x.size());
  double distance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double f = cumulative(x[i]);
    distance =
        std::max({distance, f - static_cast<double>(i) / n, static_cast<double>(i + 1) / n - f});
  }
  return distance * std::sqrt(n);
}

// Random123, tests/kat_vectors, philox4x32 10.
TEST(Philox, GivesThePublishedAnswers) {
  using Words = std::vector<std::uint32_t>;
  EXPECT_EQ(answer({0, 0, 0, 0}, 0, 0), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(answer({0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}, 0xffffffff, 0xffffffff),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(answer({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, 0xa4093822, 0x299f31d0),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, PutsEveryArgumentIntoTheCounterOrTheKey) {
  const Random random(0x299f31d0a4093822u, static_cast<RandomPurpose>(0x0370));
  // id = 0x1319'243f6a88, step = 0x8a2e'85a308d3, draw 0x7344: the counter and key of the third
  // published answer.
  EXPECT_EQ(words(random.bits(0x1319243f6a88u, 0x8a2e85a308d3u, 0x7344)),
            (std::vector<std::uint32_t>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, DiffersWhenAnyArgumentDoes) {
  std::set<std::vector<std::uint32_t>> seen;
  const std::uint64_t big = std::uint64_t{1} << 40;
  int asked = 0;
  for (const std::uint64_t seed : {std::uint64_t{1}, std::uint64_t{2}, big})
    for (const auto purpose : {RandomPurpose::velocity, RandomPurpose::langevin})
      for (const std::uint64_t id : {std::uint64_t{0}, std::uint64_t{1}, big})
        for (const std::uint64_t step : {std::uint64_t{0}, std::uint64_t{1}, big})
          for (const std::uint32_t draw : {0u, 1u}) {
            seen.insert(words(Random(seed, purpose).bits(id, step, draw)));
            ++asked;
          }
  EXPECT_EQ(static_cast<int>(seen.size()), asked);
}

TEST(UnitInterval, ExcludesBothEndsAndHas53Bits) {
  EXPECT_EQ(unit_interval(0, 0), 0x1p-54);
  EXPECT_EQ(unit_interval(0, 1u << 11), 0x1p-53);
  EXPECT_EQ(unit_interval(0x80000000u, 0), 0.5);
  EXPECT_EQ(unit_interval(0xffffffffu, 0xffffffffu), 1.0 - 0x1p-53);
}

TEST(Random, UniformNumbersAreUniform) {
  const Random random(20240607, RandomPurpose::test);
  std::vector<double> x;
  for (std::uint64_t id = 0; id < kSamples / 2; ++id) {
    const auto pair = random.uniform2(id, 3);
    x.push_back(pair[0]);
    x.push_back(pair[1]);
  }
  // Four standard errors: sigma of the mean is 1 / sqrt(12 n), of the second moment sqrt(4 / 45 /
  // n).
  EXPECT_NEAR(mean(x), 0.5, 4 * std::sqrt(1.0 / 12 / kSamples));
  EXPECT_NEAR(moment(x, 2), 1.0 / 3, 4 * std::sqrt(4.0 / 45 / kSamples));
  EXPECT_LT(kolmogorov_smirnov(x, [](double v) { return v; }), 1.95);
}

TEST(Random, NormalNumbersAreNormal) {
  const auto x = normals(Random(7, RandomPurpose::test), 11);
  // Four standard errors; the variance of x^k is (2k-1)!! - ((k-1)!!)^2 for even k.
  EXPECT_NEAR(mean(x), 0, 4 * std::sqrt(1.0 / kSamples));
  EXPECT_NEAR(moment(x, 2), 1, 4 * std::sqrt(2.0 / kSamples));
  EXPECT_NEAR(moment(x, 3), 0, 4 * std::sqrt(15.0 / kSamples));
  EXPECT_NEAR(moment(x, 4), 3, 4 * std::sqrt(96.0 / kSamples));
  const auto cumulative = [](double v) { return 0.5 * std::erfc(-v / std::sqrt(2.0)); };
  EXPECT_LT(kolmogorov_smirnov(x, cumulative), 1.95);
}

TEST(Random, PurposesStepsSeedsAndNeighboursAreIndependent) {
  const auto x = normals(Random(7, RandomPurpose::velocity), 0);
  const double limit = 4 / std::sqrt(static_cast<double>(kSamples));
  EXPECT_LT(std::abs(correlation(x, normals(Random(7, RandomPurpose::langevin), 0))), limit);
  EXPECT_LT(std::abs(correlation(x, normals(Random(7, RandomPurpose::velocity), 1))), limit);
  EXPECT_LT(std::abs(correlation(x, normals(Random(8, RandomPurpose::velocity), 0))), limit);
  const std::vector<double> shifted(x.begin() + 1, x.end());
  EXPECT_LT(std::abs(correlation(shifted, x)), limit);
}

TEST(Random, AVectorTakesTwoDrawsOfItsOwn) {
  const Random random(5, RandomPurpose::test);
  const auto v = random.normal3(17, 4, 1);
  EXPECT_EQ(v[0], random.normal2(17, 4, 2)[0]);
  EXPECT_EQ(v[1], random.normal2(17, 4, 2)[1]);
  EXPECT_EQ(v[2], random.normal2(17, 4, 3)[0]);
}

void fill_on_device(const Random& random, const View<double* [3]>& out) {
  Kokkos::parallel_for(
      "fill_on_device", Range(0, static_cast<int>(out.extent(0))),
      KOKKOS_LAMBDA(const int i)->void {
        const auto v = random.normal3(static_cast<std::uint64_t>(i), 9);
        for (int k = 0; k < 3; ++k) out(i, k) = v[static_cast<std::size_t>(k)];
      });
}

TEST(Random, DeviceAndHostAgree) {
  const Random random(99, RandomPurpose::test);
  const View<double* [3]> device("device", 1000);
  fill_on_device(random, device);
  const auto host = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), device);
  // Same bits where the device is the host; a GPU's log, sin and cos differ by a few units in the
  // last place.
  const double tolerance = kDeviceIsHost ? 0 : 1e-14;
  for (int i = 0; i < 1000; ++i) {
    const auto v = random.normal3(static_cast<std::uint64_t>(i), 9);
    for (int k = 0; k < 3; ++k) EXPECT_NEAR(host(i, k), v[static_cast<std::size_t>(k)], tolerance);
  }
}

TEST(Random, BlocksSideBySideAreThoseOneAfterTheOther) {
  const TensorRandom random(0x123456789abcdefULL, 77);
  for (const std::uint64_t id : {0ULL, 5ULL, 0xffffffffULL, 0x123456789abcULL})
    for (const std::uint32_t block : {0U, 4U, 0xfffffffcU}) {
      std::uint32_t bits[4 * kRandomLanes];
      const std::uint64_t step = 3 * id + 1;
      random_blocks(random, id, step, block, bits);
      for (std::uint32_t k = 0; k < kRandomLanes; ++k)
        EXPECT_EQ(std::vector(bits + 4 * k, bits + 4 * k + 4),
                  words(random.block(id, step, block + k)));
    }
}

}  // namespace
}  // namespace r1
