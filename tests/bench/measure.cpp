// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measure.hpp"

#include "core/error.hpp"

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <sys/resource.h>
#include <vector>

namespace r1::bench {

using Clock = std::chrono::steady_clock;

void write_bytes(const std::filesystem::path& file, std::span<const std::byte> bytes) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(bytes.data()),
             static_cast<std::streamsize>(bytes.size()));
}

double seconds_of_step(double seconds, const std::function<void()>& step) {
  const auto since = [](Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  };
  const auto group = [&] {
    constexpr int kSteps = 5;
    const auto start = Clock::now();
    for (int k = 0; k < kSteps; ++k) step();
    return since(start) / kSteps;
  };
  group();
  std::vector<double> times;
  for (const auto start = Clock::now(); times.size() < 3 || since(start) < seconds;)
    times.push_back(group());
  const auto middle = times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2);
  std::nth_element(times.begin(), middle, times.end());
  return *middle;
}

long peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

int run_with_kokkos(const char* program, const std::function<void()>& body) {
  Kokkos::InitializationSettings settings;
  settings.set_disable_warnings(true);
  const Kokkos::ScopeGuard kokkos(settings);
  try {
    body();
    return 0;
  } catch (const Error& error) {
    return std::fprintf(stderr, "%s: %s\n", program, error.what()), 1;
  }
}

}  // namespace r1::bench
