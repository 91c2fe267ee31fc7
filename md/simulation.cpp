// The life of a step stands in advance() and update_forces(); everything else here is bookkeeping around it.
// SPDX-License-Identifier: Apache-2.0
#include "md/simulation.hpp"

#include <algorithm>

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

void Simulation::run(std::int64_t steps, double timestep, Integrator& integrator,
                     Thermostat& thermostat) {
  StepContext context{exec_, system_, comm_, timestep, step_};
  system_.degrees_of_freedom = thermostat.degrees_of_freedom(system_.n_global);
  thermo_.reset();
  thermostat.start(context, steps);
  if (step_ == 0) notify(Observer::Place::on_the_way);
  const std::int64_t last = step_ + steps;
  const double start = time_;
  for (std::int64_t k = 1; k <= steps; ++k) {
    context.step = step_ + 1;
    const auto place =
        context.step == last ? Observer::Place::last_of_stage : Observer::Place::on_the_way;
    advance(context, integrator, thermostat, place);
    step_ = context.step;
    time_ = start + static_cast<double>(k) * timestep;
    notify(place);
  }
  bath_offset_ += thermostat.bath_energy(context);
  bath_energy_ = 0;
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
  const bool stale = [&] {
    const auto region = profile_.region("check list");
    return neighbors_.is_stale(exec_, system_, comm_);  // the same answer on every rank
  }();
  if (stale) {
    rebuild(Domain::Moved::nearby);
  } else {
    const auto region = profile_.region("refresh ghosts");
    domain_.refresh_ghosts(exec_, system_);
  }
  const auto region = profile_.region("force");
  force_field_.compute(exec_, system_, neighbors_.list(), domain_.halo(), tally_);
}

void Simulation::rebuild(Domain::Moved moved) {
  {
    const auto region = profile_.region("migrate and sort");
    domain_.rebuild(exec_, system_, neighbors_.list_cutoff(), moved);
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
  if (!thermo_)
    thermo_ =
        measure(exec_, system_, tally_, force_field_.tail(counts_, system_.box.volume), comm_);
  return *thermo_;
}

double Simulation::conserved_energy() {
  return thermo().total_energy() + bath_offset_ + bath_energy_;
}

}  // namespace r1::md
