// Simulation: a system with its domain, list and force field, and the life of a step (simulation.cpp, top to bottom).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/profile.hpp"
#include "io/checkpoint.hpp"
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

/// What the world outside asks of a run: a signal, the end of the allotted time, a checkpoint that is due.
/// In ascending urgency; stop: save and leave.
enum class Request : int { nothing, save, leave, stop };

/// Brings requests to a run and carries them out.
class Steward {
 public:
  virtual ~Steward() = default;
  /// This rank's wish; the most urgent of all ranks' is agreed on with a reduction that the step makes anyway.
  virtual Request wanted() = 0;
  /// Whether the end of each stage is to be kept.
  virtual bool keeps_ends() const { return true; }
  /// Writes a checkpoint of the present state, between two steps. Collective.
  virtual void save() = 0;
};

struct DynamicsPlan {
  std::int64_t steps;  // of the whole stage
  double timestep;     // [time]
};
enum class Ended { completed, stopped };

class Simulation {
 public:
  /// `skin` [length]. The system's atoms may be anywhere; prepare() distributes them.
  Simulation(const Exec& exec, Communicator comm, System system, ForceField force_field,
             double skin, std::optional<Int3> grid = std::nullopt);

  /// First distribution of atoms, list and forces with energy and virial. Collective, like all that follows.
  void prepare();
  /// A stage of dynamics. Observers see step 0 and every due step. Stopped: it was asked for, and a checkpoint is written.
  Ended run(const DynamicsPlan& stage, Integrator& integrator, Thermostat& thermostat);
  /// The rest of the stage that was running when restore()'s checkpoint was written; it may have become longer.
  Ended resume(const io::CheckpointReader& reader, const DynamicsPlan& stage,
               Integrator& integrator, Thermostat& thermostat);
  /// Forces at the present positions, after a rebuild of the list if it is stale.
  void update_forces(Tally::Level level);

  /// Everything that the future depends on, that of a running stage of dynamics included. Collective.
  void save(io::CheckpointWriter& writer);
  /// Instead of prepare(): atoms, list and forces as they were, to the last bit on the same number of ranks. The system came from
  /// restore_system(), and all fields are registered. Collective.
  void restore(const io::CheckpointReader& reader);

  /// Not owned; none: nobody asks for anything.
  void set_steward(Steward* steward) { steward_ = steward; }
  /// Carries out what was agreed on in the last update_forces(). Collective; true: leave.
  bool heed();

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
  const Profile& profile() const { return profile_; }
  std::int64_t step() const { return step_; }
  /// The step behind which the stage of dynamics began; outside of one the present step.
  std::int64_t stage_start() const { return running_ ? step_ - running_->done : step_; }
  double time() const { return time_; }  // [time]

 private:
  Ended carry_on(Integrator& integrator, Thermostat& thermostat);
  void advance(const StepContext& context, Integrator& integrator, Thermostat& thermostat,
               Observer::Place place);
  Tally::Level needed(std::int64_t step, Observer::Place place) const;
  bool list_is_stale();
  bool leaps(double way) const;
  [[noreturn]] void stop_for_leap();
  double largest_force() const;
  [[noreturn]] void stop_for_force(double force) const;
  void save_unseen();
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
  Steward* steward_ = nullptr;
  Request agreed_ = Request::nothing;
  /// A stage of dynamics on its way.
  struct Running {
    DynamicsPlan stage;
    std::int64_t done;  // steps that lie behind
    double start_time;  // [time]
    const Thermostat* thermostat;
    enum class Seen { yes, no } seen = Seen::yes;  // whether observers have seen the present step
  };
  std::optional<Running> running_;
};

}  // namespace r1::md
