// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/run.hpp"

#include "apps/exit_codes.hpp"
#include "apps/r1md/closing.hpp"
#include "apps/r1md/dry_run.hpp"
#include "apps/r1md/input.hpp"
#include "apps/r1md/results_folder.hpp"
#include "apps/r1md/stages.hpp"
#include "core/version.hpp"
#include "md/setup/estimate.hpp"
#include "md/stages/energy_guard.hpp"

#include <chrono>
#include <iostream>
#include <unistd.h>

namespace r1::apps {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// System and force field, checked on all ranks.
md::Simulation make_simulation(const Input& input, const Communicator& world,
                               const Registries& registries) {
  const auto root = input.document->root();
  auto system = md::load_system(Exec(), world, root, input.settings);
  const auto head = md::head_of(system);
  std::optional<md::ForceField> field;
  agree(world,
        [&] { field = md::read_force_field(root, input.settings, registries.potentials, head); });
  const auto grid = md::brick_grid(root, input.settings, world.size());
  return {Exec(), world, std::move(system), std::move(*field), input.settings.skin, grid};
}

ProgressPlace progress_place(const Parallel& parallel) {
  if (parallel.world.rank() != 0 || !parallel.log.shows(LogLevel::info))
    return ProgressPlace::nowhere;
  return isatty(STDERR_FILENO) == 1 ? ProgressPlace::terminal : ProgressPlace::log_file;
}

io::Provenance provenance_of(const Input& input) {
  const auto build = build_info();
  const std::string commit(build.commit);
  return {"r1md", std::string(build.version), commit == "unknown" ? "" : commit, io::utc_now(),
          input.text};
}

/// From the first file to the last.
class Run {
 public:
  Run(const Command& command, const Parallel& parallel, const Registries& registries,
      const Input& input, const ResultsFolder& folder)
      : command_(command),
        parallel_(parallel),
        registries_(registries),
        input_(input),
        folder_(folder) {}

  void carry_out(md::Simulation& simulation, md::OutputSet& outputs) {
    const auto start = Clock::now();
    agree(parallel_.world, [&] {
      if (parallel_.world.rank() == 0) folder_.begin();
    });
    const md::Schedule thermo{input_.settings.output.thermo_every};
    simulation.add(std::make_unique<md::EnergyGuard>(thermo));
    outputs.attach(simulation, folder_.path(), provenance_of(input_));
    auto progress = std::make_unique<ProgressObserver>(progress_place(parallel_));
    const StageWork work{parallel_, registries_, input_.settings, simulation,
                         outputs,   *progress,   folder_.path()};
    simulation.add(std::move(progress));
    outputs.events().start({"r1md", command_.input.string(), simulation.system().n_global,
                            parallel_.world.size(), parallel_.threads, Exec::name()});
    try {
      simulation.prepare();
      const auto done = run_stages(work);
      finish(simulation, outputs, {done.steps, seconds_since(start), done.seconds, Exec::name()});
    } catch (...) {
      work.progress.end();
      const auto failure = Failure::current();
      leave_trace(outputs, failure);
      throw;
    }
  }

 private:
  void finish(md::Simulation& simulation, md::OutputSet& outputs, const md::RunFacts& facts) {
    const auto summary = outputs.finish(simulation, facts);
    outputs.events().end(kDone, "");
    if (parallel_.world.rank() == 0)
      std::cout << closing_text(command_.input.filename().string(), summary,
                                folder_.path().string(), folder_.results());
  }

  /// The reason of the end in run.jsonl, if that can still be written.
  void leave_trace(md::OutputSet& outputs, const Failure& failure) {
    try {
      outputs.events().end(failure.code, failure.message);
    } catch (const Error&) {
      parallel_.log.warning("run.jsonl could not be completed");
    }
  }

  const Command& command_;
  const Parallel& parallel_;
  const Registries& registries_;
  const Input& input_;
  const ResultsFolder& folder_;
};

/// Whether there is nothing left to do.
ResultsFolder::State look_at(const ResultsFolder& folder, const Command& command,
                             const Communicator& world) {
  int finished = 0;
  agree(world, [&] {
    if (world.rank() == 0)
      finished = folder.look(command.existing) == ResultsFolder::State::finished ? 1 : 0;
  });
  world.broadcast(std::span<int>(&finished, 1));
  return finished == 1 ? ResultsFolder::State::finished : ResultsFolder::State::free;
}

}  // namespace

int run_r1md(const Command& command, const Parallel& parallel) {
  const auto& world = parallel.world;
  const auto before = md::resident_bytes();
  const Registries registries;
  const auto input = share_input(command, world, registries);
  const ResultsFolder folder(command.directory.value_or(input.settings.output.directory),
                             input.document->print(io::ConfigDocument::Origins::hidden));
  const bool dry = command.action == Action::dry_run;
  if (!dry && look_at(folder, command, world) == ResultsFolder::State::finished) {
    if (world.rank() == 0)
      std::cout << "this run is finished: its results are in '" << folder.path().string()
                << "'; --overwrite runs it again\n";
    return kDone;
  }
  auto simulation = make_simulation(input, world, registries);
  md::OutputSet outputs(input.settings.output, registries.observables, input.settings.units,
                        simulation.system().species);
  input.document->check();
  if (dry) {
    const auto figures = measure_dry_run(parallel, registries, input.settings, simulation, before);
    if (world.rank() == 0) std::cout << dry_run_text(figures);
    return kDone;
  }
  Run(command, parallel, registries, input, folder).carry_out(simulation, outputs);
  return kDone;
}

}  // namespace r1::apps
