// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/dry_run.hpp"

#include "io/h5md.hpp"
#include "md/setup/estimate.hpp"
#include "md/stages/dynamics.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>

namespace r1::apps {
namespace {

constexpr double kTimedSeconds = 1.5;
constexpr std::int64_t kTimedSteps = 10;  // between looks at the clock
/// Bytes per atom and ghost of a radial distribution function: its own halo with positions, types and cell lists.
constexpr double kRdfBytes = 80;
constexpr double kMsdBytes = 24;  // positions at the start
/// Characters of a number in extended XYZ, and of a line's name and id.
constexpr double kNumberText = 21, kLineText = 12;

bool holds(const std::vector<std::string>& words, const char* word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::int64_t steps_of(const md::RunSettings& settings) {
  std::int64_t steps = 0;
  for (const auto& stage : settings.stages)
    if (const auto* dynamics = std::get_if<md::DynamicsStage>(&stage)) steps += dynamics->steps;
  return steps;
}

/// What rank 0 needs for frames: one that is gathered; its copy and text for extxyz; for h5md the frames of a segment, once in
/// the buffer and once in the file that is built in memory.
double trajectory_bytes(const md::RunSettings& settings, double atoms) {
  if (!settings.output.trajectory) return 0;
  const auto& t = *settings.output.trajectory;
  const double vectors =
      1 + (holds(t.fields, "velocity") ? 1 : 0) + (holds(t.fields, "force") ? 1 : 0);
  const double images = holds(t.fields, "image") ? 12 : 0;
  const double frame = atoms * (8 + 4 + images + 24 * vectors);
  double bytes = frame;
  if (holds(t.formats, "extxyz")) bytes += frame + atoms * (3 * kNumberText * vectors + kLineText);
  if (holds(t.formats, "h5md")) {
    const double number = t.precision == md::TrajectorySettings::Precision::single ? 4 : 8;
    const double row = atoms * (images + 3 * number * vectors);
    const double frames = static_cast<double>(steps_of(settings) / t.every + 2);
    bytes += 2 * std::min(frames * row,
                          std::max(row, static_cast<double>(io::TrajectoryFile::kSegmentBytes)));
  }
  return bytes;
}

double observable_bytes(const md::RunSettings& settings, const md::MemoryEstimate& estimate) {
  double bytes = 0;
  for (const auto& observable : settings.output.observables)
    bytes += observable.kind() == "rdf" ? kRdfBytes * (estimate.atoms + estimate.ghosts)
                                        : kMsdBytes * estimate.atoms;
  return bytes;
}

/// Memory of this host that could be had [bytes]; 0: not known.
double available_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  double kilobytes = 0;
  while (file >> key >> kilobytes) {
    std::getline(file, unit);
    if (key == "MemAvailable:") return 1024 * kilobytes;
  }
  return 0;
}

/// Time of a step, from a few; 0 where the input has no dynamics. Collective.
double time_steps(const Parallel& parallel, const Registries& registries,
                  const md::RunSettings& settings, md::Simulation& simulation) {
  const md::DynamicsStage* found = nullptr;
  for (const auto& stage : settings.stages)
    if (const auto* dynamics = std::get_if<md::DynamicsStage>(&stage); dynamics && !found)
      found = dynamics;
  if (!found) return 0;
  auto stage = *found;
  stage.steps = kTimedSteps;
  simulation.prepare();
  const auto run = [&] {
    md::run_dynamics(simulation, stage, registries.integrators, registries.thermostats,
                     settings.seed);
    Exec().fence();
  };
  run();  // warms up
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  std::int64_t steps = 0;
  double seconds = 0;
  do {
    run();
    steps += kTimedSteps;
    seconds = parallel.world.max(std::chrono::duration<double>(Clock::now() - start).count());
  } while (seconds < kTimedSeconds);
  return seconds / static_cast<double>(steps);
}

}  // namespace

DryRunFigures measure_dry_run(const Parallel& parallel, const Registries& registries,
                              const md::RunSettings& settings, md::Simulation& simulation,
                              std::int64_t before) {
  const auto& world = parallel.world;
  const auto& system = simulation.system();
  const auto& decomposition = simulation.domain().decomposition();
  const auto estimate =
      md::estimate_memory(system.fields, system.box, decomposition, system.n_global,
                          simulation.neighbors().list_cutoff(), parallel.threads);
  DryRunFigures figures;
  figures.atoms = system.n_global;
  figures.ranks = world.size();
  figures.threads = parallel.threads;
  for (int d = 0; d < 3; ++d) figures.grid[d] = decomposition.grid()[d];
  figures.ghosts = world.sum(estimate.ghosts) / world.size();
  const auto atoms = static_cast<double>(system.n_global);
  const double observables = observable_bytes(settings, estimate);
  const double program = world.max(static_cast<double>(before));
  figures.bytes = {{"program", program}};
  if (kDeviceIsHost)
    figures.bytes.insert(figures.bytes.end(), {{"atoms", estimate.fields},
                                               {"neighbour list", estimate.list},
                                               {"halo", estimate.halo},
                                               {"threads", estimate.threads},
                                               {"rebuild", estimate.rebuild},
                                               {"checkpoint", estimate.checkpoint},
                                               {"observables", observables}});
  else
    figures.device_bytes = estimate.total() + observables;
  figures.bytes.push_back({"trajectory", trajectory_bytes(settings, atoms)});
  figures.steps = steps_of(settings);
  const double needed = kDeviceIsHost ? estimate.total() * world.node_size() : 0;
  if (world.any(needed > available_bytes())) {
    figures.note = "not measured: the memory of the hosts does not suffice";
    figures.least_atoms = figures.most_atoms = estimate.atoms;
    return figures;
  }
  figures.seconds_per_step = time_steps(parallel, registries, settings, simulation);
  figures.least_atoms = world.min(system.n_local);
  figures.most_atoms = world.max(system.n_local);
  return figures;
}

}  // namespace r1::apps
