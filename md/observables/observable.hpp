// Observables: results that build up over a run and end in observables.h5. A kind is one file with an add_...() function, one line
// in all.cpp and one in CMakeLists.txt. Observables look at the state and change nothing that the dynamics depends on.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/observables_file.hpp"
#include "io/registry.hpp"
#include "md/output/output.hpp"

#include <string>
#include <vector>

namespace r1::md {

class Observable : public ScheduledObserver {
 public:
  using ScheduledObserver::ScheduledObserver;

  /// Adds the fields that it needs; the system may have no atoms yet.
  virtual void register_fields(System& system) { (void)system; }
  /// Called once, before the first observation, when the system has its atoms. Collective.
  virtual void attach(Simulation& simulation) = 0;
  /// The results so far; complete on rank 0. Collective.
  virtual std::vector<io::ObservableTable> tables(const Communicator& comm) const = 0;
  /// What has been gathered so far, as arrays below observables/<group>, and back. Collective.
  virtual void save(io::CheckpointWriter& writer) const = 0;
  virtual void restore(const io::CheckpointReader& reader) = 0;
};

/// What a factory needs beside its options.
struct ObservableContext {
  Units units;
  std::vector<Species> species;
  std::string group;  // of the tables: "rdf"; "rdf_2" for the second of a kind
};
using ObservableRegistry = io::Registry<Observable, ObservableContext>;

/// Every observable of the library, by name.
ObservableRegistry builtin_observables();

/// The key that every kind has.
io::Key every_key();
Schedule schedule_of(const io::Config& options);

void add_msd(ObservableRegistry& registry);
void add_rdf(ObservableRegistry& registry);

}  // namespace r1::md
