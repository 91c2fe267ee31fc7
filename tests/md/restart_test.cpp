// A run in pieces ends where the run in one piece does, to the last bit: on the same ranks, with migration between the pieces.
// SPDX-License-Identifier: Apache-2.0
#include "md/checkpoint/system_state.hpp"
#include "md/minimize.hpp"
#include "tests/md/melt.hpp"
#include "tests/shared_folder.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <set>

namespace r1::md {
namespace {

using test::world;

const io::Provenance kProvenance{"test", "1", "", "2025-01-31T12:00:00Z", ""};

/// Stops a run at given steps, with a checkpoint; every rank but one wants nothing.
class Stopper final : public Steward {
 public:
  Stopper(Simulation& simulation, std::filesystem::path file, std::set<std::int64_t> stops)
      : simulation_(simulation), file_(std::move(file)), stops_(std::move(stops)) {}
  Request wanted() override {
    const auto& comm = simulation_.comm();
    ++asked_;
    const bool due = stops_.count(simulation_.step() + 1) > 0 || stops_.count(-asked_) > 0;
    return due && comm.rank() == comm.size() - 1 ? Request::stop : Request::nothing;
  }
  void save() override {
    io::CheckpointWriter writer(simulation_.comm());
    simulation_.save(writer);
    if (part) part(writer);
    writer.write(file_, kProvenance);
  }
  std::function<void(io::CheckpointWriter&)> part;

 private:
  Simulation& simulation_;
  std::filesystem::path file_;
  std::set<std::int64_t> stops_;  // negative: after so many questions
  std::int64_t asked_ = 0;
};

/// What is simulated: a melt of Lennard-Jones particles, or hot copper.
struct Material {
  UnitStyle style = UnitStyle::lj;
  std::string potential =
      "lennard_jones: {cutoff: 2.5, shift: force, pairs: [{species: [A, A], epsilon: 1.0, sigma: "
      "1.0}]}";
  double skin = 0.3;
  double timestep = 0.005;

  static Material copper() {
    return {UnitStyle::metal, "eam: {file: Cu_demo.eam.alloy, species: [Cu]}", 1.0, 0.005};
  }
  Units units() const { return Units::make(style, ConstantSet::codata); }
  Simulation simulation(const Communicator& comm, System system) const {
    std::vector<std::unique_ptr<Potential>> potentials;
    potentials.push_back(test::make_potential(potential, system.units, system.species,
                                              std::string(R1_SOURCE_DIR) + "/inputs/"));
    return {Exec(), comm, std::move(system), ForceField(std::move(potentials)), skin};
  }
  System start(const Communicator& comm) const {
    if (style == UnitStyle::lj) return test::melt_system({.repeat = 5, .temperature = 3.0}, comm);
    System system(units());
    system.set_species({{"Cu", 63.55}});
    const Lattice lattice{lattice_basis("fcc"), 3.615, {5, 5, 5}, 0};
    system.box = lattice_box(lattice, {true, true, true});
    create_lattice(Exec(), lattice, Decomposition(system.box, comm.size(), comm.rank()), system);
    set_maxwell_velocities(Exec(), comm, system, 2000, 7);
    return system;
  }
};

struct Case {
  const char* name;
  std::string thermostat;
  Material material = {};
};

/// A simulation that a checkpoint has left, without its state yet.
Simulation left_by(const io::CheckpointReader& reader, const Communicator& comm,
                   const Material& material = {}) {
  return material.simulation(comm, restore_system(reader, material.units()));
}

std::unique_ptr<Integrator> verlet(const Simulation& simulation) {
  const auto registry = builtin_integrators();
  const auto document = io::parse_config(
      "integrator: velocity_verlet\n", "input.yaml",
      io::mapping({io::Key("integrator", registry.schema(), "Integrator.").required_()}));
  document->check();
  return registry.make(document->root()["integrator"], {simulation.system().units, 1});
}

struct Final {
  std::vector<double> x, v;
  double time, conserved;
  std::int64_t step;
};

Final final_state(Simulation& simulation) {
  const auto& comm = simulation.comm();
  simulation.update_forces(Tally::Level::totals);
  return {test::by_id(comm, simulation.system(), simulation.system().x()),
          test::by_id(comm, simulation.system(), simulation.system().v()), simulation.time(),
          simulation.conserved_energy(), simulation.step()};
}

/// Runs 300 steps, stopped at `stops` and started again from the file each time.
Final run_in_pieces(const Case& run, const std::vector<std::int64_t>& stops) {
  const auto comm = world();
  const DynamicsPlan plan{300, run.material.timestep};
  const test::SharedFolder folder(comm);
  const auto file = folder / "checkpoint.h5";
  std::int64_t migrated = 0;
  for (std::size_t piece = 0;; ++piece) {
    std::optional<io::CheckpointReader> reader;
    if (piece > 0) reader.emplace(comm, file);
    auto simulation = reader ? left_by(*reader, comm, run.material)
                             : run.material.simulation(comm, run.material.start(comm));
    if (reader)
      simulation.restore(*reader);
    else
      simulation.prepare();
    Stopper stopper(simulation, file,
                    piece < stops.size() ? std::set{stops[piece]} : std::set<std::int64_t>{});
    simulation.set_steward(&stopper);
    const auto bath = test::make_thermostat(run.thermostat, run.material.style);
    const auto integrator = verlet(simulation);
    const auto ended = reader ? simulation.resume(*reader, plan, *integrator, *bath)
                              : simulation.run(plan, *integrator, *bath);
    migrated += simulation.domain().migrated();
    EXPECT_EQ(ended == Ended::stopped, piece < stops.size());
    if (ended == Ended::stopped) continue;
    // Without migration the test would prove little.
    if (comm.size() > 1) {
      EXPECT_GT(comm.sum(static_cast<double>(migrated)), 0);
    }
    simulation.set_steward(nullptr);
    return final_state(simulation);
  }
}

void expect_same(const Final& a, const Final& b) {
  EXPECT_EQ(a.step, b.step);
  EXPECT_EQ(a.time, b.time);
  EXPECT_EQ(a.conserved, b.conserved);
  EXPECT_EQ(a.x, b.x);
  EXPECT_EQ(a.v, b.v);
}

class Restart : public testing::TestWithParam<Case> {};

TEST_P(Restart, InTwoOrTenPiecesEndsInTheSameState) {
  const auto whole = run_in_pieces(GetParam(), {});
  expect_same(run_in_pieces(GetParam(), {137}), whole);
  expect_same(run_in_pieces(GetParam(), {1, 2, 31, 60, 97, 150, 151, 222, 299}), whole);
}

INSTANTIATE_TEST_SUITE_P(
    Baths, Restart,
    testing::Values(Case{"none", "none"},
                    Case{"langevin", "langevin: {temperature: 1, friction: 1}"},
                    Case{"ramp", "langevin: {temperature: [1, 2], friction: 1}"},
                    Case{"chain", "nose_hoover: {temperature: 1, time_constant: 0.2}"},
                    Case{"copper", "langevin: {temperature: 1000, friction: 1}",
                         Material::copper()}),
    [](const auto& of) { return std::string(of.param.name); });

TEST(RestartAtTheEnd, OfAStageGoesOnToALongerOne) {
  const auto comm = world();
  const test::SharedFolder folder(comm);
  const auto file = folder / "checkpoint.h5";
  const auto bath = test::make_thermostat("none");
  const auto rows_of = [&](Simulation& simulation, std::vector<test::Recorder::Row>& rows) {
    simulation.add(std::make_unique<test::Recorder>(20, 0, rows));
  };
  std::vector<test::Recorder::Row> whole, first, second;
  auto long_one = test::melt_simulation({.repeat = 5}, comm);
  rows_of(long_one, whole);
  long_one.run({100, 0.005}, *verlet(long_one), *bath);

  auto simulation = test::melt_simulation({.repeat = 5}, comm);
  rows_of(simulation, first);
  Stopper stopper(simulation, file, {});
  simulation.set_steward(&stopper);
  EXPECT_EQ(simulation.run({40, 0.005}, *verlet(simulation), *bath), Ended::completed);
  const io::CheckpointReader reader(comm, file);
  auto longer = left_by(reader, comm);
  rows_of(longer, second);
  longer.restore(reader);
  EXPECT_EQ(longer.resume(reader, {100, 0.005}, *verlet(longer), *bath), Ended::completed);
  // The checkpoint at the end of a stage is from before its last row: that comes again.
  ASSERT_EQ(first.size(), 2U);
  ASSERT_EQ(second.size(), 4U);
  for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(second[k].conserved, whole[k + 1].conserved);
}

TEST(RestartOfAMinimisation, EndsInTheSameMinimum) {
  const auto comm = world();
  const test::SharedFolder folder(comm);
  const auto file = folder / "checkpoint.h5";
  const MinimizeOptions options{1e-8, 5000};
  auto whole = test::melt_simulation({.repeat = 3}, comm, 0.2);
  const auto expected = minimize(whole, options);

  auto simulation = test::melt_simulation({.repeat = 3}, comm, 0.2);
  Stopper stopper(simulation, file, {-30});
  simulation.set_steward(&stopper);
  {
    Minimizer minimizer(simulation, options);
    stopper.part = [&](io::CheckpointWriter& writer) { minimizer.save(writer); };
    ASSERT_EQ(minimizer.run().end, MinimizeResult::End::stopped);
  }
  const io::CheckpointReader reader(comm, file);
  ASSERT_TRUE(Minimizer::is_in(reader));
  auto rest = left_by(reader, comm);
  Minimizer minimizer(rest, options);
  minimizer.restore(reader);
  rest.restore(reader);
  const auto found = minimizer.run();
  EXPECT_EQ(found.end, MinimizeResult::End::converged);
  EXPECT_EQ(found.steps, expected.steps);
  EXPECT_EQ(found.potential_energy, expected.potential_energy);
  EXPECT_EQ(test::by_id(comm, rest.system(), rest.system().x()),
            test::by_id(comm, whole.system(), whole.system().x()));
}

/// Two atoms in a box, as a checkpoint holds them.
struct State {
  std::vector<double> vectors{4, 0, 0, 0, 4, 0, 0, 0, 4}, origin{0, 0, 0}, mass{1};
  std::vector<double> position{1, 1, 1, 3, 3, 3}, reference{position};
  std::vector<double> velocity = std::vector<double>(6);
  std::vector<std::int32_t> periodic{1, 1, 1}, type{0, 0}, image = std::vector<std::int32_t>(6);
  std::vector<std::int64_t> id{1, 2};
  std::string names = "A\n";
  std::int64_t step = 4;
  double time = 0.1;

  void write(const Communicator& comm, const std::filesystem::path& file) const {
    io::CheckpointWriter writer(comm);
    writer.add("box/vectors", vectors);
    writer.add("box/origin", origin);
    writer.add("box/periodic", periodic);
    writer.add_text("species/names", names);
    writer.add("species/mass", mass);
    const auto rows = [&](const char* name, auto values, int columns) {
      if (comm.rank() > 0) values.clear();
      writer.add_rows(name, std::move(values), columns);
    };
    rows("atoms/position", position, 3);
    rows("atoms/list_reference_position", reference, 3);
    rows("atoms/velocity", velocity, 3);
    rows("atoms/image", image, 3);
    rows("atoms/type", type, 1);
    rows("atoms/id", id, 1);
    writer.add_one("simulation/step", step);
    writer.add_one("simulation/time", time);
    writer.add_one("simulation/bath_offset", 0.0);
    writer.add_one("simulation/degrees_of_freedom", 3.0);
    writer.write(file, kProvenance);
  }
};

/// Each makes one value of a sound state senseless.
std::vector<std::function<void(State&)>> make_forgeries() {
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  return {
      [](State& s) { s.vectors[0] = kNan; },
      [](State& s) { s.vectors[0] = 0; },  // no volume
      [](State& s) { s.vectors.pop_back(); },
      [](State& s) { s.names = "A\nB\n"; },
      [](State& s) { s.names = "", s.mass = {}; },
      [](State& s) { s.mass = {-1}; },
      [](State& s) { s.type[1] = 1; },
      [](State& s) { s.type[0] = -1; },
      [](State& s) {
        s.id = {2, 1};
      },
      [](State& s) {
        s.id = {2, 2};
      },
      [](State& s) {
        s.id = {0, 1};
      },
      [](State& s) { s.image[5] = std::numeric_limits<std::int32_t>::max(); },
      [](State& s) { s.position[0] = kNan; },
      [](State& s) { s.position[3] = 1e300; },
      [](State& s) { s.reference[4] = 5; },  // not wrapped
      [](State& s) { s.velocity[2] = kNan; },
      [](State& s) { s.position.resize(3); },
      [](State& s) { s.step = -1; },
      [](State& s) { s.time = kNan; },
  };
}

template <class Work>
bool is_refused(const Work& work) {
  try {
    work();
  } catch (const CheckpointError&) {
    return true;
  } catch (const IoError&) {
    return true;
  }
  return false;
}

TEST(RestartFromAForgedState, IsRefusedWhateverMakesNoSense) {
  const auto comm = world();
  const test::SharedFolder folder(comm);
  const auto file = folder / "checkpoint.h5";
  const auto restore = [&](const State& state) {
    state.write(comm, file);
    const io::CheckpointReader reader(comm, file);
    left_by(reader, comm).restore(reader);
  };
  restore(State{});
  const auto forgeries = make_forgeries();
  for (std::size_t k = 0; k < forgeries.size(); ++k) {
    State state;
    forgeries[k](state);
    EXPECT_TRUE(is_refused([&] { restore(state); })) << k;
  }
}

TEST(RestartFromAForgedState, IsRefusedWhereCountsAreNone) {
  EXPECT_THROW(Fire(0.1, 0.1).set_state({0.1, 0.2, 1e300, 0}), CheckpointError);
  EXPECT_THROW(Fire(0.1, 0.1).set_state({0.1, 0.2, 3, -1}), CheckpointError);
  const auto comm = Communicator::self();
  auto simulation = test::melt_simulation({.repeat = 3}, comm);
  const StepContext context{simulation.exec(), simulation.system(), comm, 0.005, 5};
  for (const char* bath : {"nose_hoover: {temperature: 1, time_constant: 0.2}",
                           "langevin: {temperature: 1, friction: 1}"}) {
    const auto thermostat = test::make_thermostat(bath);
    thermostat->start(context, 10);
    auto state = thermostat->state(context);
    thermostat->restore(context, state);
    EXPECT_THROW(thermostat->restore(context, {1}), CheckpointError);
    state[0] = 0.5;
    EXPECT_THROW(thermostat->restore(context, state), CheckpointError);
  }
}

TEST(RestartOnOneRank, OfARunOnManyHasItsAtoms) {
  const auto comm = world();
  const test::SharedFolder folder(comm);
  const auto file = folder / "checkpoint.h5";
  auto simulation = test::melt_simulation({.repeat = 4}, comm);
  Stopper stopper(simulation, file, {50});
  simulation.set_steward(&stopper);
  const auto bath = test::make_thermostat("none");
  ASSERT_EQ(simulation.run({100, 0.005}, *verlet(simulation), *bath), Ended::stopped);
  const auto x = test::by_id(comm, simulation.system(), simulation.system().x());
  const auto self = Communicator::self();
  const io::CheckpointReader reader(self, file);
  auto alone = left_by(reader, self);
  alone.restore(reader);
  EXPECT_EQ(test::by_id(self, alone.system(), alone.system().x()), x);
  simulation.update_forces(Tally::Level::totals);
  EXPECT_NEAR(alone.thermo().potential_energy, simulation.thermo().potential_energy, 1e-9);
}

}  // namespace
}  // namespace r1::md
