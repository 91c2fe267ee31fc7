// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/watching.hpp"

#include "apps/exit_codes.hpp"
#include "md/output/events.hpp"
#include "md/watch/drift_watch.hpp"
#include "md/watch/energy_guard.hpp"

#include <iostream>
#include <unistd.h>

namespace r1::apps {
namespace {

/// In a thread of its own, while the main thread hangs: nothing of it may be waited for.
[[noreturn]] void end_stalled(const std::filesystem::path& folder, const std::string& text) {
  const std::string message =
      text + "; the run ends, and the same command goes on from its last checkpoint";
  std::cerr << "r1md: error: " + message + '\n' << std::flush;
  try {
    md::EventLog(folder / "run.jsonl", io::AppendFile::Open::extend)
        .end(kEnvironmentFault, message);
  } catch (const Error&) {
    // The disk may be what hangs.
  }
  ::_exit(kEnvironmentFault);
}

}  // namespace

std::unique_ptr<io::StallWatch> watch_for_stalls(const Parallel& parallel,
                                                 const md::WatchSettings& settings,
                                                 const md::Simulation& simulation,
                                                 const std::filesystem::path& folder) {
  using Stall = md::WatchSettings::Stall;
  if (settings.stall == Stall::no) return nullptr;
  io::StallLimit limit;
  if (settings.stall == Stall::limited) limit = {settings.stall_seconds, 0};
  return std::make_unique<io::StallWatch>(
      parallel.world, folder, limit,
      io::StallWatch::Work{[&simulation] { return simulation.profile().place(); },
                           [folder](const std::string& text) { end_stalled(folder, text); },
                           [] { ::_exit(kEnvironmentFault); }},
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
