// Everything that a run leaves in its directory: thermo.csv, trajectory.{h5md,xyz}, observables.h5, run.jsonl, summary.json.
// Checks come first, files last: the constructor makes no file, attach() does.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/config/run_settings.hpp"
#include "md/observables/observable.hpp"
#include "md/output/events.hpp"
#include "md/output/run_summary.hpp"
#include "md/output/thermo_output.hpp"

#include <chrono>
#include <filesystem>
#include <memory>
#include <vector>

namespace r1::md {

class OutputSet {
 public:
  /// Makes the observables. Faults of their options are recorded in the document that they come from.
  OutputSet(const OutputSettings& settings, const ObservableRegistry& registry, const Units& units,
            const std::vector<Species>& species);

  /// Adds the fields of observables: before Simulation::prepare() or restore().
  void register_fields(System& system);
  /// Opens the files in `directory`, which exists, on rank 0, and has `simulation` look at what is due from now on; with `resumed`
  /// they go on from where that checkpoint found them. Collective.
  void attach(Simulation& simulation, const std::filesystem::path& directory,
              const io::Provenance& provenance, const io::CheckpointReader* resumed = nullptr);

  /// The run's events; silent before attach() and on ranks above 0.
  EventLog& events() { return *events_; }
  const ThermoOutput& thermo() const { return *thermo_; }

  /// Everything observed so far is on the disk afterwards. Collective.
  void flush(Simulation& simulation);
  /// flush(), and how far everything is. Collective.
  void save(Simulation& simulation, io::CheckpointWriter& writer);
  /// flush(), the timings as an event, and summary.json, when all other files are closed: it marks a finished run. Collective; the
  /// result is complete on rank 0.
  Summary finish(Simulation& simulation, const RunFacts& facts);

 private:
  void attach_trajectory(Simulation& simulation, const io::CheckpointReader* resumed);

  OutputSettings settings_;
  std::vector<std::shared_ptr<Observable>> observables_;
  std::filesystem::path directory_;
  io::Provenance provenance_;
  std::shared_ptr<EventLog> events_ = std::make_shared<EventLog>();
  std::shared_ptr<ThermoOutput> thermo_;
  std::vector<std::shared_ptr<Output>> outputs_;  // thermo_ among them
};

}  // namespace r1::md
