// Simulation: a system with its domain, list and force field, and the life of a step (simulation.cpp, top to bottom).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/profile.hpp"
#include "md/domain.hpp"
#include "md/integrator.hpp"
#include "md/measure.hpp"
#include "md/neighbors.hpp"
#include "md/potential.hpp"

#include <memory>
#include <optional>
#include <vector>

namespace r1::md {

class Simulation;

/// Something that looks at the state now and then: thermo, trajectory, observables, progress.
class Observer {
 public:
  virtual ~Observer() = default;
  /// Steps of a stage that are looked at: the grid `every` asks for, and the last one.
  enum class Place { on_the_way, last_of_stage };
  virtual bool due(std::int64_t step, Place place) const = 0;
  /// What the force computation of a due step must provide.
  virtual Tally::Level needs() const { return Tally::Level::forces; }
  virtual void observe(Simulation& simulation) = 0;
};

class Simulation {
 public:
  /// `skin` [length]. The system's atoms may be anywhere; prepare() distributes them.
  Simulation(const Exec& exec, Communicator comm, System system, ForceField force_field,
             double skin, std::optional<Int3> grid = std::nullopt);

  /// First distribution of atoms, list and forces with energy and virial. Collective, like all that follows.
  void prepare();
  /// `steps` steps of dynamics. Observers see step 0 (once, by start_stage()) and every due step.
  void run(std::int64_t steps, double timestep, Integrator& integrator, Thermostat& thermostat);
  /// Forces at the present positions, after a rebuild of the list if it is stale.
  void update_forces(Tally::Level level);

  void add(std::unique_ptr<Observer> observer) { observers_.push_back(std::move(observer)); }
  void notify(Observer::Place place);

  /// Thermodynamics of the present state; computed once per step. Needs a tally with totals (an observer's needs()).
  const Thermo& thermo();
  /// Total energy plus what the bath of the running stage has taken; the total energy outside of dynamics.
  double conserved_energy();

  System& system() { return system_; }
  const System& system() const { return system_; }
  const Tally& tally() const { return tally_; }
  const Domain& domain() const { return domain_; }
  const Neighbors& neighbors() const { return neighbors_; }
  ForceField& force_field() { return force_field_; }
  const Communicator& comm() const { return comm_; }
  const Exec& exec() const { return exec_; }
  Profile& profile() { return profile_; }
  std::int64_t step() const { return step_; }
  double time() const { return time_; }  // [time]

 private:
  void advance(const StepContext& context, Integrator& integrator, Thermostat& thermostat,
               Observer::Place place);
  Tally::Level needed(std::int64_t step, Observer::Place place) const;
  void rebuild(Domain::Moved moved);

  Exec exec_;
  Communicator comm_;
  System system_;
  ForceField force_field_;
  Domain domain_;
  Neighbors neighbors_;
  Tally tally_;
  Profile profile_;
  std::vector<std::unique_ptr<Observer>> observers_;
  std::vector<std::int64_t> counts_;  // atoms by type
  std::optional<Thermo> thermo_;      // of the present state, once asked for
  std::int64_t step_ = 0;
  double time_ = 0;
  double bath_offset_ = 0;  // what baths of earlier stages have taken
  double bath_energy_ = 0;  // of the present step
};

}  // namespace r1::md
