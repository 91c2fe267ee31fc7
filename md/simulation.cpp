// The life of a step stands in advance() and update_forces(); everything else here is bookkeeping around it.
// SPDX-License-Identifier: Apache-2.0
#include "md/simulation.hpp"

#include "core/error.hpp"
#include "md/watch/diagnosis.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace r1::md {

Simulation::Simulation(const Exec& exec, Communicator comm, System system, ForceField force_field,
                       double skin, std::optional<Int3> grid)
    : exec_(exec),
      comm_(comm),
      system_(std::move(system)),
      force_field_(std::move(force_field)),
      domain_(comm, system_.box, grid),
      neighbors_(system_, force_field_.requests(), skin) {}

void Simulation::prepare() {
  counts_ = count_by_type(exec_, system_, comm_);
  rebuild(Domain::Moved::anywhere);
  tally_.level = Tally::Level::totals;
  force_field_.compute(exec_, system_, neighbors_.list(), domain_.halo(), tally_);
  thermo_.reset();
}

Ended Simulation::run(const DynamicsPlan& stage, Integrator& integrator, Thermostat& thermostat) {
  system_.degrees_of_freedom = thermostat.degrees_of_freedom(system_.n_global);
  thermo_.reset();
  thermostat.start({exec_, system_, comm_, stage.timestep, step_}, stage.steps);
  running_ = {stage, 0, time_, &thermostat};
  if (step_ == 0) notify(Observer::Place::on_the_way);
  return carry_on(integrator, thermostat);
}

Ended Simulation::carry_on(Integrator& integrator, Thermostat& thermostat) {
  auto& [stage, done, start_time, unused, seen] = *running_;
  StepContext context{exec_, system_, comm_, stage.timestep, step_};
  bool leave = false;
  while (done < stage.steps && !leave) {
    context.step = step_ + 1;
    profile_.set_step(context.step);
    const auto place =
        done + 1 == stage.steps ? Observer::Place::last_of_stage : Observer::Place::on_the_way;
    advance(context, integrator, thermostat, place);
    step_ = context.step;
    time_ = start_time + static_cast<double>(++done) * stage.timestep;
    // A stage may be made longer later: what it leaves to go on from must not hold a row that is there only because it was the last.
    if (done == stage.steps) save_unseen();
    notify(place);
    leave = heed();
  }
  running_.reset();
  if (leave) return Ended::stopped;
  bath_offset_ += thermostat.bath_energy(context);
  bath_energy_ = 0;
  return Ended::completed;
}

void Simulation::save_unseen() {
  if (steward_ == nullptr || !steward_->keeps_ends()) return;
  const auto region = profile_.region("checkpoint");
  running_->seen = Running::Seen::no;
  steward_->save();
  running_->seen = Running::Seen::yes;
  agreed_ = agreed_ == Request::stop ? Request::leave : Request::nothing;
}

void Simulation::advance(const StepContext& context, Integrator& integrator, Thermostat& thermostat,
                         Observer::Place place) {
  {
    const auto region = profile_.region("integrate");
    integrator.begin(context, thermostat);  // half kick, drift
  }
  update_forces(needed(context.step, place));  // at the new positions
  {
    const auto region = profile_.region("integrate");
    integrator.end(context, thermostat);  // half kick
  }
  if (tally_.level != Tally::Level::forces) bath_energy_ = thermostat.bath_energy(context);
}

void Simulation::update_forces(Tally::Level level) {
  thermo_.reset();
  tally_.level = level;
  if (list_is_stale()) {
    rebuild(Domain::Moved::nearby);
  } else {
    const auto region = profile_.region("refresh ghosts");
    domain_.refresh_ghosts(exec_, system_);
  }
  const auto region = profile_.region("force");
  force_field_.compute(exec_, system_, neighbors_.list(), domain_.halo(), tally_);
}

/// The same answer on every rank; requests ride on its reduction.
bool Simulation::list_is_stale() {
  const auto region = profile_.region("check list");
  const double way = neighbors_.longest_way(exec_, system_);
  double stale = neighbors_.is_too_far(way) ? 1 : 0;
  double leap = leaps(way) ? 1 : 0;
  double request = steward_ != nullptr ? static_cast<double>(steward_->wanted()) : 0;
  double force = neighbors_.builds() > 0 ? largest_force() : 0;
  comm_.reduce_now(Reductions().max(stale).max(leap).max(request).max(force));
  agreed_ = static_cast<Request>(request);
  if (leap > 0) stop_for_leap();
  if (force > FixedPoint::kMostForce) stop_for_force(force);
  return stale > 0;
}

/// Whether an atom goes further than half of a cutoff in one step: no pair that it meets on the way is integrated. `way` [length]: the
/// longest since the list was built, of which all but the last step is at most half of the skin.
bool Simulation::leaps(double way) const {
  if (!running_ || neighbors_.builds() == 0) return false;
  const double limit = 0.5 * force_field_.shortest_cutoff();
  if (way <= limit - 0.5 * neighbors_.skin()) return false;
  return !std::isfinite(way) || longest_step(exec_, system_, running_->stage.timestep) > limit;
}

void Simulation::stop_for_leap() {
  const auto fastest = describe_fastest_atom(exec_, comm_, system_, running_->stage.timestep);
  // Where the list was built: now the atoms are apart.
  neighbors_.swap_with_reference(system_);
  domain_.refresh_ghosts(exec_, system_);
  const auto closest = describe_closest_pair(exec_, comm_, system_, neighbors_.list());
  neighbors_.swap_with_reference(system_);
  throw NumericError("at step " + std::to_string(step_ + 1) + " " + fastest +
                     ", more than half of the cutoff" +
                     (closest.empty() ? "" : "; when the list was built, " + closest) +
                     ": the dynamics is unstable; shorten the timestep, or minimize first");
}

/// On this rank; 0 where nothing depends on it.
double Simulation::largest_force() const {
  return system_.fixed.on() ? largest_component(exec_, system_.n_local, system_.f()) : 0;
}

void Simulation::stop_for_force(double force) const {
  throw NumericError("at step " + std::to_string(step_) + " a force of " + std::to_string(force) +
                     " acts on an atom; reproducible arithmetic bears " +
                     std::to_string(FixedPoint::kMostForce) +
                     ": relax the start in a run without 'reproducible', or shorten the timestep");
}

bool Simulation::heed() {
  const auto request = std::exchange(agreed_, Request::nothing);
  if (request == Request::save || request == Request::stop) {
    const auto region = profile_.region("checkpoint");
    steward_->save();
  }
  return request >= Request::leave;
}

void Simulation::rebuild(Domain::Moved moved) {
  {
    const auto region = profile_.region("migrate and sort");
    try {
      domain_.rebuild(exec_, system_, neighbors_.list_cutoff(), moved);
    } catch (NumericError& error) {
      error.add_context("at step " + std::to_string(running_ ? step_ + 1 : step_));
      throw;
    }
  }
  const auto region = profile_.region("neighbour list");
  neighbors_.build(exec_, system_, domain_.grid(), domain_.halo().ghost_image());
}

Tally::Level Simulation::needed(std::int64_t step, Observer::Place place) const {
  auto most = Tally::Level::forces;
  for (const auto& o : observers_)
    if (o->due(step, place)) most = std::max(most, o->needs());
  return most;
}

void Simulation::notify(Observer::Place place) {
  for (const auto& o : observers_)
    if (o->due(step_, place)) {
      const auto region = profile_.region("output");
      o->observe(*this);
    }
}

const Thermo& Simulation::thermo() {
  if (thermo_) return *thermo_;
  if (system_.fixed.on()) {
    const double force = comm_.max(largest_force());
    if (force > FixedPoint::kMostForce) stop_for_force(force);
  }
  thermo_ = measure(exec_, system_, tally_, force_field_.tail(counts_, system_.box.volume), comm_);
  return *thermo_;
}

double Simulation::conserved_energy() {
  return thermo().total_energy() + bath_offset_ + bath_energy_;
}

}  // namespace r1::md
