// One training step of an input of r1train, for a peer to compare with: writes parameters, a batch, its loss and the gradients to a
// folder, then times steps.
//   bench_training input.yaml folder seconds
// Leaves manifest.json (names, shapes, offsets in floats), parameters.f32, gradients.f32, x.bin, y.bin; prints one JSON line.
// SPDX-License-Identifier: Apache-2.0
#include "ml/config/train_schema.hpp"
#include "ml/passes/optimize.hpp"

#include <Kokkos_Core.hpp>

#include <nlohmann/json.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sys/resource.h>

namespace {

using namespace r1;
using namespace r1::ml;
using Json = nlohmann::json;
using Clock = std::chrono::steady_clock;

template <class T>
void write(const std::filesystem::path& file, const std::vector<T>& values) {
  std::ofstream(file, std::ios::binary)
      .write(reinterpret_cast<const char*>(values.data()),
             static_cast<std::streamsize>(values.size() * sizeof(T)));
}

/// The values of all parameters, one after the other, from flat buffers named prefix + buffer.
std::vector<float> parameters_in(StateSet& state, const ParameterLayout& layout,
                                 const std::string& prefix) {
  std::vector<float> values;
  for (const auto& p : layout.parameters()) {
    const auto place = layout.place_of(p.name);
    const auto buffer = state.at(prefix + layout.buffers()[place.buffer].name).to_host<float>();
    const auto begin = buffer.begin() + place.offset;
    values.insert(values.end(), begin, begin + p.type.shape.elements());
  }
  return values;
}

Json manifest_of(const ParameterLayout& layout) {
  Json parameters = Json::array();
  for (const auto& p : layout.parameters())
    parameters.push_back({{"name", p.name}, {"shape", p.type.shape.extents()}});
  return parameters;
}

/// Loss and gradients of the parameters as they are.
void write_reference(const TrainingJob& job, TrainingPlans& plans, const Batch& batch,
                     const std::filesystem::path& folder) {
  const auto& layout = plans.layout();
  BoundPlan gradient(accumulation_graph(job.recipe, layout, batch.size()), plans.state());
  gradient.set(input_name::kX, batch.x);
  gradient.set(input_name::kY, batch.y);
  gradient.set(input_name::kSamples, std::as_bytes(std::span(batch.samples)));
  gradient.set(input_name::kShare, 1 / static_cast<float>(batch.size()));
  const Exec exec;
  gradient.plan().run(exec);
  exec.fence();
  write(folder / "parameters.f32", parameters_in(plans.state(), layout, ""));
  write(folder / "gradients.f32", parameters_in(plans.state(), layout, "gradients."));
  write(folder / "x.bin", batch.x);
  write(folder / "y.bin", batch.y);
  const Json manifest{{"parameters", manifest_of(layout)},
                      {"batch", batch.size()},
                      {"loss", plans.state().at(state_name::kLoss).to_host<float>()[0]}};
  std::ofstream(folder / "manifest.json") << manifest.dump(1) << '\n';
}

/// Median over groups of steps.
double time_steps(TrainingPlans& plans, const Batch& batch, double seconds) {
  const Exec exec;
  const auto group = [&] {
    constexpr int kSteps = 5;
    const auto start = Clock::now();
    for (int k = 0; k < kSteps; ++k) plans.step(exec, batch, 1e-4);
    exec.fence();
    return std::chrono::duration<double>(Clock::now() - start).count() / kSteps;
  };
  group();
  std::vector<double> times;
  for (const auto start = Clock::now();
       times.size() < 3 || std::chrono::duration<double>(Clock::now() - start).count() < seconds;)
    times.push_back(group());
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                   times.end());
  return times[times.size() / 2];
}

int run(const std::filesystem::path& input, const std::filesystem::path& folder, double seconds) {
  const TrainRegistries registries;
  const auto document = io::load_config(input, train_schema(registries));
  document->check();
  const auto job = make_training_job(document->root(), registries);
  BatchOrder order(job.data.training->samples(), job.settings.batch_size, Shuffle::yes,
                   LastBatch::kept, job.settings.seed);
  const auto batch = read_batch(*job.data.training, order, 0);
  TrainingPlans plans(job.recipe, job.settings.batch_size, 1, job.settings.seed);
  write_reference(job, plans, batch, folder);
  plans.prepare_step(batch.size());
  const double step = time_steps(plans, batch, seconds);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const Json result{{"seconds_per_step", step},
                    {"arena_bytes", plans.arena_bytes()},
                    {"peak_kilobytes", usage.ru_maxrss}};
  std::printf("%s\n", result.dump().c_str());
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fprintf(stderr, "bench_training input.yaml folder seconds\n"), 2;
  Kokkos::InitializationSettings settings;
  settings.set_disable_warnings(true);
  const Kokkos::ScopeGuard kokkos(settings);
  try {
    return run(argv[1], argv[2], std::atof(argv[3]));
  } catch (const Error& error) {
    return std::fprintf(stderr, "bench_training: %s\n", error.what()), 1;
  }
}
