// Force matching: a network for the energy of atoms is trained on forces, F = -dE/dx, so that a gradient stands inside the loss. Nothing
// here is written for that purpose: the inner derivative makes nodes as everything else does, and the outer one differentiates them, or
// goes around it (reverse over forward). Both are run, compared with each other and with finite differences, and timed.
//   example_force_matching [atoms] [edges of an atom]
// SPDX-License-Identifier: Apache-2.0
#include "examples/force_matching.hpp"

#include <Kokkos_Core.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace r1::ml::force_matching;
using r1::ml::Dtype;

/// The largest difference, as a share of the largest value.
double difference(const std::vector<double>& a, const std::vector<double>& b) {
  double most = 0, worst = 0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    most = std::max(most, std::abs(a[k]));
    worst = std::max(worst, std::abs(a[k] - b[k]));
  }
  return worst / most;
}

/// Both ways and finite differences, in fp64. The largest disagreements of the two ways and of one of them with the differences.
std::pair<double, double> check() {
  const Sizes sizes{40, 40 * 8};
  const Sample sample(sizes, 1);
  const ForceMatching by_reverse(sizes, Dtype::f64, Way::reverse_over_reverse),
      by_forward(sizes, Dtype::f64, Way::reverse_over_forward);
  Runner reverse(by_reverse.graph, sample), forward(by_forward.graph, sample);
  reverse.run();
  forward.run();
  double ways = 0, slopes = 0;
  for (const auto& name : by_reverse.parameters) {
    const auto gradient = reverse.output("gradient of " + name);
    ways = std::max(ways, difference(gradient, forward.output("gradient of " + name)));
    auto w = sample.reals.at(name);
    constexpr double kStep = 1e-5;
    double loss[2];
    for (const int side : {0, 1}) {
      w[3] = sample.reals.at(name)[3] + (side == 0 ? -kStep : kStep);
      reverse.set(name, w);
      reverse.run();
      loss[side] = reverse.output("loss")[0];
    }
    reverse.set(name, sample.reals.at(name));
    reverse.run();
    slopes = std::max(slopes, difference({gradient[3]}, {(loss[1] - loss[0]) / (2 * kStep)}));
  }
  return {ways, slopes};
}

void time_step(Sizes sizes, Way way, const char* name) {
  const Sample sample(sizes, 2);
  const ForceMatching model(sizes, Dtype::f32, way);
  Runner runner(model.graph, sample);
  runner.run();
  using Clock = std::chrono::steady_clock;
  double best = 1e9;
  for (int repeat = 0; repeat < 20; ++repeat) {
    const auto start = Clock::now();
    runner.run();
    best = std::min(best, std::chrono::duration<double>(Clock::now() - start).count());
  }
  std::printf("%-22s %7.3f ms a step, arena %.1f MB, %zu launches, loss %.6f\n", name, 1e3 * best,
              static_cast<double>(runner.plan().arena_bytes()) / 1e6, runner.plan().steps().size(),
              runner.output("loss")[0]);
}

}  // namespace

int main(int argc, char** argv) {
  const Kokkos::ScopeGuard kokkos(argc, argv);
  const auto [ways, slopes] = check();
  std::printf("both ways agree to %.1e, and with finite differences to %.1e\n", ways, slopes);
  const std::int64_t atoms = argc > 1 ? std::atoll(argv[1]) : 500;
  const std::int64_t edges = argc > 2 ? std::atoll(argv[2]) : 40;
  const Sizes sizes{atoms, atoms * edges};
  std::printf("%lld atoms, %lld edges, fp32:\n", static_cast<long long>(atoms),
              static_cast<long long>(sizes.edges));
  time_step(sizes, Way::reverse_over_reverse, "reverse over reverse");
  time_step(sizes, Way::reverse_over_forward, "reverse over forward");
  return ways < 1e-10 && slopes < 1e-6 ? 0 : 1;
}
