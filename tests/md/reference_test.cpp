// Trajectories against LAMMPS' reference runs: thermo at steps 0, 10 and 100, forces at the steps of the dumps.
// SPDX-License-Identifier: Apache-2.0
#include "io/lammps_data.hpp"
#include "md/output/gather.hpp"
#include "tests/md/small_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <tuple>

namespace r1::test {
namespace {

// The logs' own summation error is up to 3e-12; then rounding grows, since the dynamics is chaotic. One pair missed at the
// cutoff would be 9e-8 of the energy of 32,000 atoms.
constexpr std::tuple<int, double> kThermoTolerance[] = {{0, 1e-11}, {10, 1e-10}, {100, 1e-9}};
constexpr double kForceAtStart = 1e-10, kForceAtEnd = 1e-8;  // of the root mean square force

enum class Energies { per_atom, extensive };

/// Files NAME.data.gz, LOG and DUMP of ../shared/data/md_reference.
struct Reference {
  const char* name;
  UnitStyle style;
  const char* potential;  // YAML
  std::vector<std::string> species;
  double skin, timestep;
  const char* energy_column;
  Energies energies;
  const char* log;
  const char* dump;  // nullptr: none
  std::vector<int> dump_steps;
};

const Reference kRuns[] = {
    {"lj4k",
     UnitStyle::lj,
     "lennard_jones: {cutoff: 2.5, pairs: [{species: [A, A], epsilon: 1, sigma: 1}]}",
     {"A"},
     0.3,
     0.005,
     "E_pair",
     Energies::per_atom,
     "log.lj4k",
     "lj4k.step100.dump.gz",
     {100}},
    {"ljtri",
     UnitStyle::lj,
     "lennard_jones: {cutoff: 2.5, shift: energy, pairs: [{species: [A, A], epsilon: 1, sigma: "
     "1}]}",
     {"A"},
     0.3,
     0.005,
     "E_pair",
     Energies::per_atom,
     "log.ljtri",
     "ljtri.dump.gz",
     {0, 100}},
    {"bench32k",
     UnitStyle::lj,
     "lennard_jones: {cutoff: 2.5, pairs: [{species: [A, A], epsilon: 1, sigma: 1}]}",
     {"A"},
     0.3,
     0.005,
     "E_pair",
     Energies::per_atom,
     "log.bench32k.lj_exactlist",
     nullptr,
     {}},
    {"eam.small",
     UnitStyle::metal,
     "eam: {file: Cu_u3.eam, species: [Cu]}",
     {"Cu"},
     1.0,
     0.001,
     "E_pair",
     Energies::extensive,
     "log.eam.small",
     "eam.small.dump.gz",
     {0, 100}},
    {"cuni",
     UnitStyle::metal,
     "eam: {file: CuNi.eam.alloy.gz, species: [Cu, Ni]}",
     {"Cu", "Ni"},
     1.0,
     0.001,
     "PotEng",
     Energies::extensive,
     "log.cuni",
     "cuni.dump.gz",
     {0, 100}},
    {"cuzr",
     UnitStyle::metal,
     "eam: {file: CuZr_mm.eam.fs.gz, species: [Cu, Zr]}",
     {"Cu", "Zr"},
     1.0,
     0.001,
     "PotEng",
     Energies::extensive,
     "log.cuzr",
     "cuzr.dump.gz",
     {0, 100}},
};

std::string file(const std::string& name) {
  return std::string(R1_SHARED_DATA_DIR) + "/md_reference/" + name;
}

class References : public testing::TestWithParam<Reference> {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(file(GetParam().log)))
      GTEST_SKIP() << "no reference data in " << file("");
  }
  md::Simulation make() const {
    const Reference& run = GetParam();
    auto system = make_system(io::read_lammps_data(file(std::string(run.name) + ".data.gz")), units,
                              comm, run.species);
    std::vector<std::unique_ptr<md::Potential>> potentials;
    potentials.push_back(make_potential(run.potential, units, system.species, file("")));
    md::Simulation simulation(Exec(), comm, std::move(system),
                              md::ForceField(std::move(potentials)), run.skin);
    simulation.prepare();
    simulation.system().degrees_of_freedom =
        3.0 * static_cast<double>(simulation.system().n_global) - 3;
    return simulation;
  }
  void expect_thermo(md::Simulation& simulation, int step, double tolerance) const {
    const auto row = read_log_row(file(GetParam().log), step);
    const md::Thermo& t = simulation.thermo();
    const auto n = static_cast<double>(simulation.system().n_global);
    const double per = GetParam().energies == Energies::per_atom ? n : 1;
    const double energy = row.at(GetParam().energy_column), total = row.at("TotEng"),
                 pressure = row.at("Press");
    EXPECT_NEAR(t.temperature, row.at("Temp"), tolerance * row.at("Temp")) << "step " << step;
    EXPECT_NEAR(t.potential_energy / per, energy, tolerance * std::abs(energy)) << "step " << step;
    EXPECT_NEAR(t.total_energy() / per, total, tolerance * std::abs(total)) << "step " << step;
    // A pressure near zero is the difference of two large numbers, kinetic and virial.
    const double kinetic =
        n * units.boltzmann * t.temperature / t.volume * units.energy_per_volume_to_pressure;
    EXPECT_NEAR(t.pressure, pressure, tolerance * std::max(std::abs(pressure), kinetic))
        << "step " << step;
  }
  void expect_forces(const md::Simulation& simulation, int step, double tolerance) const {
    const auto ours = md::gather_by_id(Exec(), simulation.system(), comm, {false, false, true});
    if (comm.rank() != 0) return;
    const auto expected = read_dump(file(GetParam().dump), step).vectors("fx", "fy", "fz");
    ASSERT_EQ(ours.force.size(), expected.size());
    double largest = 0;
    for (std::size_t k = 0; k < expected.size(); ++k)
      for (std::size_t d = 0; d < 3; ++d)
        largest = std::max(largest, std::abs(ours.force[k][d] - expected[k][d]));
    EXPECT_LT(largest, tolerance * root_mean_square(expected)) << "step " << step;
  }
  bool dumped(int step) const {
    const auto& steps = GetParam().dump_steps;
    return std::find(steps.begin(), steps.end(), step) != steps.end();
  }

  Communicator comm = world();
  Units units = lammps_units(GetParam().style);
};
INSTANTIATE_TEST_SUITE_P(Lammps, References, testing::ValuesIn(kRuns), [](const auto& test) {
  std::string name = test.param.name;
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
});

TEST_P(References, ThermoAndForcesAgreeOverAHundredSteps) {
  auto simulation = make();
  for (const auto& [step, tolerance] : kThermoTolerance) {
    if (step > simulation.step()) {
      run_freely(simulation, step - simulation.step(), GetParam().timestep);
      simulation.update_forces(md::Tally::Level::totals);
    }
    expect_thermo(simulation, step, tolerance);
    if (dumped(step)) expect_forces(simulation, step, step == 0 ? kForceAtStart : kForceAtEnd);
  }
}

}  // namespace
}  // namespace r1::test
