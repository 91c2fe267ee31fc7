// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/watching.hpp"

#include "apps/exit_codes.hpp"
#include "md/output/events.hpp"
#include "md/watch/drift_watch.hpp"
#include "md/watch/energy_guard.hpp"

#include <chrono>
#include <future>
#include <iostream>
#include <thread>
#include <unistd.h>

namespace r1::apps {
namespace {

constexpr std::chrono::seconds kPatience{5};  // with a disk that may be what hangs

/// In a thread of its own, while the main thread hangs: nothing of it may be waited for.
[[noreturn]] void end_stalled(const std::filesystem::path& folder,
                              std::chrono::steady_clock::time_point started,
                              const std::string& text) {
  const std::string message =
      text + "; the run ends, and the same command goes on from its last checkpoint";
  std::cerr << "r1md: error: " + message + '\n' << std::flush;
  std::promise<void> written;
  auto done = written.get_future();
  std::thread([&] {
    try {
      md::EventLog(folder / "run.jsonl", io::AppendFile::Open::extend, started)
          .end(kEnvironmentFault, message);
    } catch (const Error&) {  // the message stands in the standard error
    }
    written.set_value();
  }).detach();
  done.wait_for(kPatience);
  ::_exit(kEnvironmentFault);
}

[[noreturn]] void leave_stalled(const std::string& text) {
  std::cerr << "r1md: error: " + text + "; nobody has ended this rank\n" << std::flush;
  ::_exit(kEnvironmentFault);
}

}  // namespace

std::unique_ptr<io::StallWatch> watch_for_stalls(const Parallel& parallel,
                                                 const md::WatchSettings& settings,
                                                 const md::Simulation& simulation,
                                                 const std::filesystem::path& folder) {
  using Stall = md::WatchSettings::Stall;
  if (settings.stall == Stall::no) {  // that of a run that was killed would say what is not so
    if (parallel.world.rank() == 0) io::HeartbeatFile(folder).remove();
    return nullptr;
  }
  io::StallLimit limit;
  if (settings.stall == Stall::limited) limit = {settings.stall_seconds, 0};
  return std::make_unique<io::StallWatch>(
      parallel.world, folder, limit,
      io::StallWatch::Work{[&simulation] { return simulation.profile().place(); },
                           [folder, started = parallel.started](const std::string& text) {
                             end_stalled(folder, started, text);
                           },
                           leave_stalled},
      [&log = parallel.log](const std::string& text) { log.warning(text); });
}

void watch_energy(md::Simulation& simulation, const md::RunSettings& settings,
                  const std::function<void(const std::string&)>& warn) {
  using Drift = md::WatchSettings::Drift;
  const md::Schedule schedule{settings.output.thermo_every};
  simulation.add(std::make_unique<md::EnergyGuard>(schedule));
  if (settings.watch.drift == Drift::no) return;
  const auto act =
      settings.watch.drift == Drift::stop ? md::DriftWatch::Act::stop : md::DriftWatch::Act::warn;
  simulation.add(std::make_unique<md::DriftWatch>(schedule, act, warn));
}

}  // namespace r1::apps
