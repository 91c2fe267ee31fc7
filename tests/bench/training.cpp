// A training step of an input of r1train, for a peer to compare with.
//   bench_training input.yaml write folder     parameters, a batch, its loss and the gradients
//   bench_training input.yaml time seconds     the time of a step, and the memory that a run takes
// The first leaves manifest.json (names, shapes), parameters.f32, gradients.f32, x.bin, y.bin; the second prints one JSON line.
// SPDX-License-Identifier: Apache-2.0
#include "ml/config/train_schema.hpp"
#include "tests/bench/measure.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>
#include <cstdlib>
#include <fstream>

namespace {

using namespace r1;
using namespace r1::ml;
using Json = nlohmann::json;
using bench::write;

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

void time_steps(TrainingPlans& plans, const Batch& batch, double seconds) {
  const Exec exec;
  plans.prepare_step(batch.size());
  const double step = bench::seconds_of_step(seconds, [&] {
    plans.step(exec, batch, 1e-4);
    exec.fence();
  });
  const Json result{{"seconds_per_step", step},
                    {"arena_bytes", plans.arena_bytes()},
                    {"peak_kilobytes", bench::peak_kilobytes()}};
  std::printf("%s\n", result.dump().c_str());
}

void run(const std::filesystem::path& input, const std::string& what, const std::string& value) {
  const TrainRegistries registries;
  const auto document = io::load_config(input, train_schema(registries));
  document->check();
  const auto job = make_training_job(document->root(), registries);
  BatchOrder order(job.data.training->samples(), job.settings.batch_size, Shuffle::yes,
                   LastBatch::kept, job.settings.seed);
  const auto batch = read_batch(*job.data.training, order, 0);
  TrainingPlans plans(job.recipe, job.settings.batch_size, 1, job.settings.seed);
  if (what == "write")
    write_reference(job, plans, batch, value);
  else
    time_steps(plans, batch, std::atof(value.c_str()));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 4 ? argv[2] : "";
  if (what != "write" && what != "time")
    return std::fprintf(stderr, "bench_training input.yaml write folder | time seconds\n"), 2;
  return bench::run_with_kokkos("bench_training", [&] { run(argv[1], what, argv[3]); });
}
