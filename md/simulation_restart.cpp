// What a simulation puts into a checkpoint, and how it takes it up again. Ownership of atoms, ghosts, their order and the list are pure
// functions of where atoms were at the last rebuild: a restart repeats that rebuild, then puts the present positions in place.
// SPDX-License-Identifier: Apache-2.0
#include "md/checkpoint/saved_values.hpp"
#include "md/checkpoint/system_state.hpp"
#include "md/simulation.hpp"

#include <algorithm>

namespace r1::md {

void Simulation::save(io::CheckpointWriter& writer) {
  writer.add_text("simulation/units", name(system_.units.style));
  writer.add_one("simulation/step", step_);
  writer.add_one("simulation/time", time_);
  writer.add_one("simulation/bath_offset", bath_offset_);
  writer.add_one("simulation/degrees_of_freedom", system_.degrees_of_freedom);
  save_system(exec_, system_, writer);
  if (!running_) return;
  const StepContext context{exec_, system_, comm_, running_->stage.timestep, step_};
  writer.add_one("dynamics/steps", running_->stage.steps);
  writer.add_one("dynamics/done", running_->done);
  writer.add_one("dynamics/start_time", running_->start_time);
  writer.add_one<std::int32_t>("dynamics/seen", running_->seen == Running::Seen::yes ? 1 : 0);
  writer.add("dynamics/thermostat", running_->thermostat->state(context));
}

void Simulation::restore(const io::CheckpointReader& reader) {
  step_ = read_between(reader, "simulation/step", 0, kMostSaved);
  profile_.set_step(step_);
  time_ = read_finite(reader, "simulation/time");
  bath_offset_ = read_finite(reader, "simulation/bath_offset");
  system_.degrees_of_freedom = read_finite(reader, "simulation/degrees_of_freedom");
  restore_atoms(exec_, comm_, reader, system_);
  counts_ = count_by_type(exec_, system_, comm_);
  neighbors_.go_back(system_);
  domain_.rebuild(exec_, system_, neighbors_.list_cutoff(), Domain::Moved::back);
  neighbors_.return_to_present(exec_, system_, domain_.grid(), domain_.halo().ghost_image());
  domain_.refresh_ghosts(exec_, system_);
  tally_.level = Tally::Level::totals;
  force_field_.compute(exec_, system_, neighbors_.list(), domain_.halo(), tally_);
  thermo_.reset();
}

Ended Simulation::resume(const io::CheckpointReader& reader, const DynamicsPlan& stage,
                         Integrator& integrator, Thermostat& thermostat) {
  const auto done = read_between(reader, "dynamics/done", 0, std::min(step_, stage.steps));
  system_.degrees_of_freedom = thermostat.degrees_of_freedom(system_.n_global);
  thermo_.reset();
  thermostat.start({exec_, system_, comm_, stage.timestep, step_ - done}, stage.steps);
  const StepContext context{exec_, system_, comm_, stage.timestep, step_};
  thermostat.restore(context, reader.read<double>("dynamics/thermostat"));
  bath_energy_ = thermostat.bath_energy(context);
  running_ = {stage, done, read_finite(reader, "dynamics/start_time"), &thermostat};
  if (reader.read_one<std::int32_t>("dynamics/seen") == 0)
    notify(done == stage.steps ? Observer::Place::last_of_stage : Observer::Place::on_the_way);
  return carry_on(integrator, thermostat);
}

}  // namespace r1::md
