// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/run.hpp"

#include "apps/exit_codes.hpp"
#include "apps/r1md/beginning.hpp"
#include "apps/r1md/closing.hpp"
#include "apps/r1md/dry_run.hpp"
#include "apps/r1md/input.hpp"
#include "apps/r1md/stages.hpp"
#include "apps/r1md/watching.hpp"
#include "apps/results_folder.hpp"
#include "apps/signals.hpp"
#include "apps/time_limit.hpp"
#include "comm/agree.hpp"
#include "core/text.hpp"
#include "core/version.hpp"
#include "io/folder_lock.hpp"
#include "io/h5md.hpp"
#include "md/checkpoint/input_record.hpp"
#include "md/checkpoint/keeper.hpp"
#include "md/checkpoint/system_state.hpp"
#include "md/output/panic.hpp"
#include "md/setup/estimate.hpp"

#include <chrono>
#include <iostream>

namespace r1::apps {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

/// Of a restart the system that its checkpoint describes, else that of the input; and the force field, checked on all ranks.
md::Simulation make_simulation(const Input& input, const Communicator& world,
                               const Registries& registries,
                               const io::CheckpointReader* resumed = nullptr) {
  const auto root = input.document->root();
  auto system = resumed != nullptr ? md::restore_system(*resumed, input.settings.units)
                                   : md::load_system(Exec(), world, root, input.settings);
  if (resumed != nullptr && input.settings.arithmetic == md::RunSettings::Arithmetic::reproducible)
    system.to_fixed_point(Exec());
  const auto head = md::head_of(system);
  std::optional<md::ForceField> field;
  agree(world,
        [&] { field = md::read_force_field(root, input.settings, registries.potentials, head); });
  const auto grid = md::brick_grid(root, input.settings, world.size());
  return {Exec(), world, std::move(system), std::move(*field), input.settings.skin, grid};
}

io::Provenance provenance_of(const Input& input) {
  const auto build = build_info();
  const std::string commit(build.commit);
  return {"r1md", std::string(build.version), commit == "unknown" ? "" : commit, io::utc_now(),
          input.text};
}

constexpr const char* kTrajectory = "trajectory.h5md";

ResultFiles result_files() {
  return {
      {"config.yaml", "thermo.csv", kTrajectory, "trajectory", "trajectory.xyz", "observables.h5",
       "evaluate.xyz", "run.jsonl", "summary.json", "checkpoint.h5", "checkpoint_prev.h5"},
      [](const std::filesystem::path& folder) {
        io::TrajectoryFile::remove(folder / kTrajectory);
        std::error_code error;  // of a run that came to nothing: it alone is no result
        std::filesystem::remove(folder / md::kPanicFile, error);
      }};
}

/// From the first file to the last.
class Run {
 public:
  Run(const Command& command, const Parallel& parallel, const Registries& registries,
      const Input& input, const ResultsFolder& folder, const Beginning& beginning)
      : command_(command),
        parallel_(parallel),
        input_(input),
        folder_(folder),
        beginning_(beginning),
        limit_(walltime_of(command, input.settings, parallel.world), parallel.started),
        simulation_(make_simulation(input, parallel.world, registries, beginning.resumed())),
        outputs_(input.settings.output, registries.observables, input.settings.units,
                 simulation_.system().species),
        record_(parallel.world.rank() == 0 ? md::InputRecord::of(*input.document)
                                           : md::InputRecord{}),
        keeper_(simulation_, folder.checkpoints(), provenance_of(input),
                {input.settings.checkpoint.steps,
                 std::chrono::duration<double>(input.settings.checkpoint.seconds)},
                [this] { return wanted(); }) {
    input.document->check();
    auto progress = std::make_unique<ProgressObserver>(progress_place(parallel));
    progress_ = progress.get();
    stages_.emplace(StageWork{parallel, registries, input.settings, simulation_, outputs_,
                              *progress_, folder.path()});
    watch_energy(simulation_, input.settings, [this](const std::string& text) { warn(text); });
    outputs_.register_fields(simulation_.system());
    keeper_.add([this](io::CheckpointWriter& writer) {
      record_.save(writer);
      stages_->save(writer);
      if (attached_ == Attached::yes) outputs_.save(simulation_, writer);
    });
    keep_progress_ = std::move(progress);
  }
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  int carry_out() {
    const auto start = Clock::now();
    const auto watch =
        watch_for_stalls(parallel_, input_.settings.watch, simulation_, folder_.path());
    try {
      begin();
      simulation_.set_steward(&keeper_);
      const auto done = stages_->run();
      if (done.ended == md::Ended::stopped) return leave_early();
      finish({done.steps, seconds_since(start), done.seconds, Exec::name()});
      return kDone;
    } catch (const NumericError&) {
      progress_->end();
      leave_panic_frames();
      leave_trace(Failure::current());
      throw;
    } catch (...) {
      progress_->end();
      leave_trace(Failure::current());
      throw;
    }
  }

 private:
  /// Rank 0 alone looks at the clock, and asks the scheduler.
  static md::Walltime walltime_of(const Command& command, const md::RunSettings& settings,
                                  const Communicator& world) {
    auto walltime = std::optional(settings.walltime);
    if (command.walltime) walltime = md::parse_walltime(*command.walltime);
    if (!walltime)
      throw CommandLineError("--walltime: found '" + shortened(*command.walltime) +
                             "', expected none, auto or HH:MM:SS");
    return world.rank() == 0 ? *walltime : md::Walltime{};
  }

  /// The state comes first: until it is on the disk, the folder counts as empty.
  void begin() {
    const auto region = simulation_.profile().region("start");
    const auto* resumed = beginning_.resumed();
    if (resumed != nullptr) {
      stages_->resume_from(*resumed);
      simulation_.restore(*resumed);
    } else {
      simulation_.prepare();
      if (keeper_.keeps_ends()) keeper_.save();
    }
    agree_on_root(parallel_.world, [&] { folder_.describe(); });
    outputs_.attach(simulation_, folder_.path(), provenance_of(input_),
                    beginning_.outputs_resumed());
    simulation_.add(std::move(keep_progress_));
    attached_ = Attached::yes;
    keeper_.report_to(outputs_.events());
    outputs_.events().start({"r1md", command_.input.string(), simulation_.system().n_global,
                             parallel_.world.size(), parallel_.threads, Exec::name()});
    if (resumed != nullptr)
      outputs_.events().restart(simulation_.step(), resumed->path().filename().string());
  }

  md::Request wanted() {
    if (signal_received() || limit_.is_near(keeper_.longest_write())) return md::Request::stop;
    return md::Request::nothing;
  }

  void warn(const std::string& text) {
    if (parallel_.world.rank() > 0) return;
    parallel_.log.warning(text);
    outputs_.events().warning(text);
  }

  int leave_early() {
    const std::string text = "stopped at step " + std::to_string(simulation_.step()) +
                             "; the state is saved, and the same command goes on";
    outputs_.events().end(kStopped, text);
    if (parallel_.world.rank() == 0) std::cerr << "r1md: " << text << '\n';
    return kStopped;
  }

  void finish(const md::RunFacts& facts) {
    const auto summary = outputs_.finish(simulation_, facts);
    outputs_.events().end(kDone, "");
    if (parallel_.world.rank() == 0)
      std::cout << closing_text(command_.input.filename().string(), summary,
                                folder_.path().string(), folder_.results());
  }

  /// Of an error that all ranks throw.
  void leave_panic_frames() {
    if (simulation_.neighbors().builds() == 0) return;
    try {
      agree_on_root(parallel_.world, [&] { folder_.make(); });
      md::write_panic_frames(simulation_, folder_.path());
      if (parallel_.world.rank() == 0)
        parallel_.log.warning("the last sound frame and that of the end are in '" +
                              (folder_.path() / md::kPanicFile).string() + "'");
    } catch (const IoError& error) {
      parallel_.log.warning(error.what());
    }
  }

  /// The reason of the end in run.jsonl, if that can still be written.
  void leave_trace(const Failure& failure) {
    try {
      outputs_.events().end(failure.code, failure.message);
    } catch (const Error&) {
      parallel_.log.warning("run.jsonl could not be completed");
    }
  }

  const Command& command_;
  const Parallel& parallel_;
  const Input& input_;
  const ResultsFolder& folder_;
  const Beginning& beginning_;
  TimeLimit limit_;
  md::Simulation simulation_;
  md::OutputSet outputs_;
  md::InputRecord record_;  // rank 0's is written
  md::CheckpointKeeper keeper_;
  std::unique_ptr<ProgressObserver> keep_progress_;  // until the simulation has it
  ProgressObserver* progress_ = nullptr;
  std::optional<StageRunner> stages_;
  enum class Attached { no, yes } attached_ = Attached::no;  // outputs
};

int dry_run(const Parallel& parallel, const Registries& registries, const Input& input,
            std::int64_t memory_before) {
  auto simulation = make_simulation(input, parallel.world, registries);
  const md::OutputSet outputs(input.settings.output, registries.observables, input.settings.units,
                              simulation.system().species);
  input.document->check();
  const auto figures =
      measure_dry_run(parallel, registries, input.settings, simulation, memory_before);
  if (parallel.world.rank() == 0) std::cout << dry_run_text(figures);
  return kDone;
}

}  // namespace

int run_r1md(const Command& command, const Parallel& parallel) {
  const auto& world = parallel.world;
  const auto before = md::resident_bytes();
  const Registries registries;
  const auto input = share_input(command, world, registries);
  if (command.action == Action::dry_run) return dry_run(parallel, registries, input, before);
  const ResultsFolder folder(command.directory.value_or(input.settings.output.directory),
                             input.document->print(io::ConfigDocument::Origins::hidden),
                             result_files());
  const auto state = look_at(folder, command, world);
  if (state == ResultsFolder::State::finished) {
    if (world.rank() == 0)
      std::cout << "this run is finished: its results are in '" << folder.path().string()
                << "'; --overwrite runs it again\n";
    return kDone;
  }
  std::optional<io::FolderLock> lock;
  if (state == ResultsFolder::State::begun) lock.emplace(lock_of(folder, parallel));
  const auto beginning = find_beginning(state, command, input, folder, parallel);
  Run run(command, parallel, registries, input, folder, beginning);
  if (state == ResultsFolder::State::free)  // nothing is written before all checks have passed
    lock.emplace(take_over(folder, command, parallel));
  const int code = run.carry_out();
  world.barrier();  // a rank that is not done yet still writes its signs of life
  agree(world, [&] { lock->release(); });
  return code;
}

}  // namespace r1::apps
