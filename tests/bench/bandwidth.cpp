// The bandwidth of a fused chain of pointwise operations beside that of STREAM's triad, a = b + s c (McCalpin 1995), of the same number of
// arrays on the same threads. Bytes are counted as STREAM does: what is read and what is written, not what a write brings into the cache.
//   bench_bandwidth seconds [bytes of the last cache]
// Arrays of four times the last cache, then three that fill a quarter of it together. Prints one JSON line, in GB/s.
// SPDX-License-Identifier: Apache-2.0
#include "ml/ops/arithmetic.hpp"
#include "ml/ops/logic.hpp"
#include "ml/passes/optimize.hpp"
#include "ml/runtime/plan.hpp"
#include "tests/bench/measure.hpp"

#include <Kokkos_Core.hpp>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace r1::ml {
namespace {

constexpr int kArrays = 3, kOperations = 8;

/// As Linux tells it of the first processor, in KiB: "16384K".
std::int64_t last_cache_bytes() {
  std::int64_t kilobytes = 0, most = 0;
  for (int level = 0; level < 4; ++level) {
    std::ifstream file(fmt::format("/sys/devices/system/cpu/cpu0/cache/index{}/size", level));
    if (file >> kilobytes) most = std::max(most, kilobytes);
  }
  if (most == 0)
    throw Error("the system does not tell how large the last cache is: give its bytes");
  return most * 1024;
}

Graph chain(std::int64_t elements) {
  Graph graph;
  const Type type{Dtype::f32, {elements}};
  const Value x = graph.input("x", type), y = graph.input("y", type);
  const Value sum = x * y + x, most = max(sum, y);
  const Value chosen = select(-most < x, most, sum);
  graph.output("z", chosen * 0.5 + y);
  return graph;
}

void run_triad(const Exec& exec, const View<float*>& a, const View<const float*>& b,
               const View<const float*>& c) {
  const auto triad = KOKKOS_LAMBDA(const std::int64_t k)->void { a(k) = b(k) + 3.0F * c(k); };
  Kokkos::parallel_for("r1::bench::triad",
                       Kokkos::RangePolicy<Exec, Kokkos::IndexType<std::int64_t>>(
                           exec, 0, static_cast<std::int64_t>(a.size())),
                       triad);
}

double gigabytes(std::int64_t elements, double seconds) {
  return static_cast<double>(kArrays * elements) * sizeof(float) / seconds / 1e9;
}

double triad_bandwidth(std::int64_t elements, double seconds) {
  const auto n = static_cast<std::size_t>(elements);
  const View<float*> a("a", n), b("b", n), c("c", n);
  const Exec exec;
  return gigabytes(elements, bench::seconds_of_step(seconds, [&] {
                     run_triad(exec, a, b, c);
                     exec.fence();
                   }));
}

double chain_bandwidth(std::int64_t elements, double seconds) {
  Plan plan(optimized(chain(elements)));
  if (plan.steps().size() != 1)
    throw Error(fmt::format("the chain is {} kernels, not one", plan.steps().size()));
  const Type type{Dtype::f32, {elements}};
  const Tensor x(type), y(type);
  plan.bind("x", x);
  plan.bind("y", y);
  const Exec exec;
  return gigabytes(elements, bench::seconds_of_step(seconds, [&] {
                     plan.run(exec);
                     exec.fence();
                   }));
}

void run(double seconds, std::int64_t cache_bytes) {
  constexpr auto kSize = static_cast<std::int64_t>(sizeof(float));
  const auto large = 4 * cache_bytes / kSize, small = cache_bytes / 4 / kArrays / kSize;
  const nlohmann::json result{{"operations", kOperations},
                              {"elements", large},
                              {"triad", triad_bandwidth(large, seconds)},
                              {"chain", chain_bandwidth(large, seconds)},
                              {"triad_in_cache", triad_bandwidth(small, seconds)},
                              {"chain_in_cache", chain_bandwidth(small, seconds)}};
  std::printf("%s\n", result.dump().c_str());
}

}  // namespace
}  // namespace r1::ml

int main(int argc, char** argv) {
  if (argc != 2 && argc != 3)
    return std::fprintf(stderr, "bench_bandwidth seconds [bytes of the last cache]\n"), 2;
  return r1::bench::run_with_kokkos("bench_bandwidth", [=] {
    r1::ml::run(std::atof(argv[1]), argc == 3 ? std::atoll(argv[2]) : r1::ml::last_cache_bytes());
  });
}
