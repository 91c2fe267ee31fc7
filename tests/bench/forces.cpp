// The energy-and-force step of examples/force_matching.hpp, for a peer to compare with: atoms, parameters, loss and gradients to a folder,
// and the time of a step both ways.
//   bench_forces atoms edges_of_an_atom seconds folder
// Leaves manifest.json, NAME.bin of each input (fp32, i32) and gradient_NAME.bin of each parameter; prints one JSON line.
// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/measure.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>

#include "examples/force_matching.hpp"

namespace {

using namespace r1::ml::force_matching;
using r1::bench::write;
using r1::ml::Dtype;
using Json = nlohmann::json;

std::vector<float> single(const std::vector<double>& values) {
  return {values.begin(), values.end()};
}

void write_sample(const Sample& sample, const std::filesystem::path& folder) {
  for (const auto& [name, values] : sample.reals) write(folder / (name + ".bin"), single(values));
  for (const auto& [name, values] : sample.integers) write(folder / (name + ".bin"), values);
}

void write_results(Runner& runner, const ForceMatching& model, Sizes sizes,
                   const std::filesystem::path& folder) {
  Json parameters = Json::object();
  for (const auto& name : model.parameters) {
    parameters[name] = model.graph.input_named(name).value.shape().extents();
    write(folder / ("gradient_" + name + ".bin"), single(runner.output("gradient of " + name)));
  }
  const Json manifest{{"atoms", sizes.atoms},
                      {"edges", sizes.edges},
                      {"cutoff", kCutoff},
                      {"parameters", parameters},
                      {"loss", runner.output("loss")[0]}};
  std::ofstream(folder / "manifest.json") << manifest.dump(1) << '\n';
}

void run(Sizes sizes, double seconds, const std::filesystem::path& folder) {
  const Sample sample(sizes, 2);
  write_sample(sample, folder);
  Json times = Json::object();
  double best = 0;
  for (const auto& [way, name] : {std::pair{Way::reverse_over_reverse, "reverse over reverse"},
                                  {Way::reverse_over_forward, "reverse over forward"}}) {
    const ForceMatching model(sizes, Dtype::f32, way);
    Runner runner(model.graph, sample);
    runner.run();
    write_results(runner, model, sizes, folder);
    const double time = r1::bench::seconds_of_step(seconds, [&runner] { runner.run(); });
    times[name] = time;
    best = best == 0 ? time : std::min(best, time);
  }
  const Json result{{"seconds_per_step", best},
                    {"seconds_of_ways", times},
                    {"peak_kilobytes", r1::bench::peak_kilobytes()}};
  std::printf("%s\n", result.dump().c_str());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5)
    return std::fprintf(stderr, "bench_forces atoms edges_of_an_atom seconds folder\n"), 2;
  return r1::bench::run_with_kokkos("bench_forces", [argv] {
    const auto atoms = std::atoll(argv[1]);
    run({atoms, atoms * std::atoll(argv[2])}, std::atof(argv[3]), argv[4]);
  });
}
