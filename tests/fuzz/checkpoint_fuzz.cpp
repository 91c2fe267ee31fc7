// What lies above HDF5 in a restart. The input changes the arrays of a sound checkpoint: values, sizes, types, kinds of object; then it
// is read as r1md does: input record, system, force field, atoms, outputs, minimiser or thermostat, one step. Inputs of some lengths go
// through a file that HDF5 has written and whose seal is right, the others straight to the reader.
// SPDX-License-Identifier: Apache-2.0
#include "md/checkpoint/input_record.hpp"
#include "md/checkpoint/saved_values.hpp"
#include "md/checkpoint/system_state.hpp"
#include "md/config/run_schema.hpp"
#include "md/minimize.hpp"
#include "md/output/output_set.hpp"
#include "md/setup/force_field.hpp"
#include "md/stages/dynamics.hpp"
#include "tests/fuzz/checkpoint_arrays.hpp"
#include "tests/fuzz/fuzz.hpp"

namespace {

using namespace r1;

constexpr const char* kInput = R"(r1md: 1
units: lj
system:
  lattice: {type: sc, density: 0.8, repeat: [2, 2, 2], species: A}
  species: [{name: A, mass: 1.0}]
  velocities: {temperature: 1.0}
potential: [lennard_jones: {cutoff: 1.5, shift: force, pairs: [{species: [A, A], epsilon: 1.0, sigma: 1.0}]}]
run:
  - minimize: {max_steps: 20}
  - dynamics: {steps: 8, timestep: 0.002, thermostat: {nose_hoover: {temperature: [1.0, 2.0], time_constant: 0.2, chain: 2}}}
output:
  directory: out
  thermo: {every: 2}
  trajectory: {every: 4, format: extxyz}
  observables: [rdf: {every: 2, cutoff: 1.5, bins: 4}, msd: {every: 2}]
)";

const io::Provenance kProvenance{"fuzz", "1", "", "2025-01-31T12:00:00Z", kInput};

/// What a program knows before it looks at a checkpoint.
struct Program {
  Program() { read_input(); }
  /// Anew: a document keeps the faults that were found in it, and never passes a check again.
  void read_input() {
    document = io::parse_config(kInput, "input.yaml",
                                md::run_schema({potentials.schema(), integrators.schema(),
                                                thermostats.schema(), observables.schema()}));
    document->check();
    settings = md::read_run_settings(document->root());
    record = md::InputRecord::of(*document);
  }
  md::PotentialRegistry potentials = md::builtin_potentials();
  md::IntegratorRegistry integrators = md::builtin_integrators();
  md::ThermostatRegistry thermostats = md::builtin_thermostats();
  md::ObservableRegistry observables = md::builtin_observables();
  std::shared_ptr<io::ConfigDocument> document;
  md::RunSettings settings;
  md::InputRecord record;
  fuzz::Scratch scratch;

  md::Simulation simulation_of(md::System system) const {
    auto field = md::read_force_field(document->root(), settings, potentials, md::head_of(system));
    return {Exec(), Communicator::self(), std::move(system), std::move(field), settings.skin};
  }
  md::OutputSet outputs_of(md::Simulation& simulation) const {
    md::OutputSet outputs(settings.output, observables, settings.units,
                          simulation.system().species);
    outputs.register_fields(simulation.system());
    return outputs;
  }
  template <class Stage>
  const Stage& stage() const {
    for (const auto& s : settings.stages)
      if (const auto* found = std::get_if<Stage>(&s)) return *found;
    std::abort();
  }
};

/// Saves after some questions, and has the run leave.
class Stopper final : public md::Steward {
 public:
  Stopper(int patience, std::function<void()> save) : patience_(patience), save_(std::move(save)) {}
  md::Request wanted() override {
    return --patience_ > 0 ? md::Request::nothing : md::Request::stop;
  }
  void save() override { save_(); }

 private:
  int patience_;
  std::function<void()> save_;
};

/// A checkpoint of a run that was stopped in its minimisation or in its dynamics.
fuzz::CheckpointArrays sound_checkpoint(const Program& program, std::int64_t stage) {
  const auto file = program.scratch.folder() / "sound.h5";
  auto system =
      md::load_system(Exec(), Communicator::self(), program.document->root(), program.settings);
  // A perfect lattice is at its minimum.
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
  x(0, 0) += 0.1;
  Kokkos::deep_copy(system.x(), x);
  auto simulation = program.simulation_of(std::move(system));
  auto outputs = program.outputs_of(simulation);
  std::optional<md::Minimizer> minimizer;
  const auto& minimize = program.stage<md::MinimizeStage>();
  if (stage == 0) minimizer.emplace(simulation, md::MinimizeOptions{1e-12, minimize.max_steps});
  simulation.prepare();
  outputs.attach(simulation, program.scratch.folder(), kProvenance);
  Stopper stopper(4, [&] {
    io::CheckpointWriter writer(simulation.comm());
    simulation.save(writer);
    program.record.save(writer);
    writer.add_one("stages/index", stage);
    if (minimizer) minimizer->save(writer);
    outputs.save(simulation, writer);
    writer.write(file, kProvenance);
  });
  simulation.set_steward(&stopper);
  if (minimizer)
    minimizer->run();
  else
    md::run_dynamics(simulation, program.stage<md::DynamicsStage>(), program.integrators,
                     program.thermostats, program.settings.seed);
  return fuzz::CheckpointArrays::read(file);
}

/// A flush writes observables.h5, which takes as long as all the rest.
enum class Flush { no, yes };

void restart(const Program& program, const io::CheckpointReader& reader, Flush flush) {
  md::accept_changes(md::InputRecord::from(reader), program.record, md::StagePlace::from(reader),
                     "input.yaml");
  auto simulation = program.simulation_of(md::restore_system(reader, program.settings.units));
  auto outputs = program.outputs_of(simulation);
  std::optional<md::Minimizer> minimizer;
  if (md::Minimizer::is_in(reader)) {
    minimizer.emplace(simulation, md::MinimizeOptions{1e-12, 20});
    minimizer->restore(reader);
  }
  simulation.restore(reader);
  std::filesystem::remove(program.scratch.folder() / "run.jsonl");
  outputs.attach(simulation, program.scratch.folder(), kProvenance, &reader);
  Stopper stopper(1, [] {});
  simulation.set_steward(&stopper);
  if (minimizer)
    minimizer->run();
  else
    md::run_dynamics(simulation, program.stage<md::DynamicsStage>(), program.integrators,
                     program.thermostats, program.settings.seed, &reader);
  if (flush == Flush::yes) outputs.flush(simulation);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Program program;
  static const std::array sound{sound_checkpoint(program, 0), sound_checkpoint(program, 1)};
  static const auto trajectory = program.scratch.folder() / "trajectory.xyz";
  static const auto frames = std::filesystem::file_size(trajectory);
  fuzz::Choices choices(data, size);
  const auto& arrays = sound.at(choices.below(sound.size()));
  const bool through_a_file = size % 64 == 18;  // which takes longer than all the rest
  const auto changed = arrays.changed(choices);
  if (std::filesystem::file_size(trajectory) != frames)
    program.scratch.put("trajectory.xyz", std::string(frames, '\n'));
  const auto flush = size % 32 == 0 ? Flush::yes : Flush::no;
  fuzz::allow_refusal([&] {
    if (!through_a_file) return restart(program, {"memory", changed.contents()}, flush);
    const auto file = program.scratch.put("checkpoint.h5", changed.file());
    restart(program, {Communicator::self(), file}, flush);
  });
  if (program.document->faults() > 0) program.read_input();
  return 0;
}
