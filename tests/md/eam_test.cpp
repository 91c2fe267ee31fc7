// The embedded-atom method against LAMMPS' reference runs, finite differences, and itself: kernels, levels, numbers of ranks.
// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/eam.hpp"

#include "comm/communicator.hpp"
#include "io/lammps_data.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <memory>

#include "test_system.hpp"

namespace r1::test {
namespace {

using Level = md::Tally::Level;

constexpr double kLogTolerance = 1e-11;    // the logs' own summation error is up to 3e-12
constexpr double kForceTolerance = 1e-10;  // of the root mean square force
constexpr double kSameSums = 1e-12;        // other order of summation

/// A reference run of ../shared/data/md_reference.
struct Reference {
  const char* name;
  const char* table;
  const char* species;
  const char* energy_column;
};
const Reference kCopper{"eam.small", "Cu_u3.eam", "Cu", "E_pair"};
const Reference kCopperNickel{"cuni", "CuNi.eam.alloy.gz", "Cu, Ni", "PotEng"};
const Reference kCopperZirconium{"cuzr", "CuZr_mm.eam.fs.gz", "Cu, Zr", "PotEng"};

std::string reference_file(const std::string& name) {
  return std::string(R1_SHARED_DATA_DIR) + "/md_reference/" + name;
}
bool reference_is_here() { return std::filesystem::exists(reference_file("log.cuzr")); }

class Eam : public testing::TestWithParam<Reference> {
 protected:
  void SetUp() override {
    if (!reference_is_here()) GTEST_SKIP() << "no reference data in " << reference_file("");
    const Reference& reference = GetParam();
    structure_ = io::read_lammps_data(reference_file(std::string(reference.name) + ".data.gz"));
    potential_ = make();
  }
  std::unique_ptr<md::Potential> make() const {
    return make_potential(
        "eam: {file: " + std::string(GetParam().table) + ", species: [" + GetParam().species + "]}",
        units_, make_system(structure_, units_, comm_).species, reference_file(""));
  }
  Computed compute(Level level, ListShape shape = kPairShape) {
    return compute_once(structure_, units_, comm_, *potential_, level, 1.0, shape);
  }

  int argc_ = 0;
  char** argv_ = nullptr;
  CommScope scope_{argc_, argv_};
  Communicator comm_ = scope_.world();
  Units units_ = lammps_units(UnitStyle::metal);
  io::Structure structure_;
  std::unique_ptr<md::Potential> potential_;
};

std::string test_name(const testing::TestParamInfo<Reference>& info) {
  const std::string name = info.param.name;
  return name == "eam.small" ? "cu" : name;
}
INSTANTIATE_TEST_SUITE_P(References, Eam, testing::Values(kCopper, kCopperNickel, kCopperZirconium),
                         test_name);

TEST_P(Eam, EnergyAndPressureAgreeWithTheReference) {
  const auto row = read_log_row(reference_file(std::string("log.") + GetParam().name), 0);
  const md::Thermo thermo = compute(Level::totals).thermo;
  const double energy = row.at(GetParam().energy_column);
  EXPECT_NEAR(thermo.potential_energy, energy, kLogTolerance * std::abs(energy));
  EXPECT_NEAR(thermo.temperature, row.at("Temp"), kLogTolerance * row.at("Temp"));
  const double pressure = row.at("Press");
  EXPECT_NEAR(thermo.pressure, pressure, kLogTolerance * pressure);
  const char* const names[6] = {"Pxx", "Pyy", "Pzz", "Pxy", "Pxz", "Pyz"};
  const std::size_t at[6] = {0, 4, 8, 1, 2, 5};
  for (int c = 0; c < 6; ++c)
    EXPECT_NEAR(thermo.pressure_tensor[at[c]], row.at(names[c]), kLogTolerance * pressure)
        << names[c];
}

TEST_P(Eam, ForcesAgreeWithTheReference) {
  const auto frame = read_dump(reference_file(std::string(GetParam().name) + ".dump.gz"), 0);
  const auto expected = frame.vectors("fx", "fy", "fz");
  const Computed computed = compute(Level::forces);
  ASSERT_EQ(computed.id, frame.id);
  EXPECT_LT(largest_difference(computed.force, expected),
            kForceTolerance * root_mean_square(expected));
}

TEST_P(Eam, FullListGivesWhatTheHalfListGives) {
  if (!kDeviceIsHost) GTEST_SKIP() << "half lists are walked on hosts only";
  const Computed half = compute(Level::per_atom, ListShape::half);
  const Computed full = compute(Level::per_atom, ListShape::full);
  const double rms = root_mean_square(half.force);
  EXPECT_LT(largest_difference(half.force, full.force), 1e-12 * rms);
  EXPECT_NEAR(half.tally.energy, full.tally.energy, kSameSums * std::abs(half.tally.energy));
  for (std::size_t c = 0; c < 9; ++c)
    EXPECT_NEAR(half.tally.virial[c], full.tally.virial[c],
                kSameSums * std::abs(half.tally.energy));
  for (std::size_t i = 0; i < half.id.size(); ++i) {
    EXPECT_NEAR(half.atom_energy[i], full.atom_energy[i], 1e-12);
    for (std::size_t c = 0; c < 9; ++c)
      EXPECT_NEAR(half.atom_virial[i][c], full.atom_virial[i][c], 1e-11);
  }
}

TEST_P(Eam, EveryLevelGivesTheSameForceBits) {
  for (const ListShape shape : {ListShape::half, ListShape::full}) {
    if (!kDeviceIsHost && shape == ListShape::half) continue;
    const Computed forces = compute(Level::forces, shape);
    const Computed totals = compute(Level::totals, shape);
    EXPECT_EQ(forces.force, totals.force);
    // Per-atom sums run on one thread, whose order of summation is another.
    const Computed per_atom = compute(Level::per_atom, shape);
    if (Exec().concurrency() == 1 || shape == ListShape::full) {
      EXPECT_EQ(per_atom.force, totals.force);
    }
    EXPECT_LT(largest_difference(per_atom.force, totals.force),
              1e-12 * root_mean_square(totals.force));
  }
}

TEST_P(Eam, AtomsShareTheTotals) {
  const Computed all = compute(Level::per_atom);
  double energy = 0;
  Kokkos::Array<double, 9> virial{};
  for (std::size_t i = 0; i < all.id.size(); ++i) {
    energy += all.atom_energy[i];
    for (std::size_t c = 0; c < 9; ++c) virial[c] += all.atom_virial[i][c];
  }
  EXPECT_NEAR(energy, all.tally.energy, kSameSums * std::abs(energy));
  for (std::size_t c = 0; c < 9; ++c)
    EXPECT_NEAR(virial[c], all.tally.virial[c], 1e-11 * std::abs(all.tally.energy));
}

TEST_P(Eam, TotalsDoNotDependOnTheNumberOfRanks) {
  const Computed ours = compute(Level::totals);
  const Computed alone =
      compute_once(structure_, units_, Communicator::self(), *potential_, Level::totals, 1.0);
  EXPECT_NEAR(ours.tally.energy, alone.tally.energy, kSameSums * std::abs(alone.tally.energy));
  EXPECT_NEAR(ours.thermo.pressure, alone.thermo.pressure, kSameSums * alone.thermo.pressure);
  EXPECT_LT(largest_difference(ours.force, alone.force), 1e-12 * root_mean_square(alone.force));
}

/// Sum of the changes of single atoms' energies, which does not drown in the rounding of the total.
double energy_change(const Computed& to, const Computed& from) {
  double change = 0;
  for (std::size_t i = 0; i < to.id.size(); ++i) change += to.atom_energy[i] - from.atom_energy[i];
  return change;
}

// The splines' second derivatives jump at the knots: steps must be far shorter than the spacing.
constexpr double kStep = 1e-5;  // [Å]
constexpr double kStrain = 1e-6;
constexpr double kDifferenceTolerance = 1e-7;

TEST_P(Eam, ForceIsMinusGradientOfEnergy) {
  Workbench bench(make_system(structure_, units_, comm_), comm_, potential_->cutoff(), 1.0);
  const Computed start = bench.compute(*potential_, Level::forces);
  const double rms = root_mean_square(start.force);
  for (const std::size_t atom : {std::size_t{3}, std::size_t{700}})
    for (std::size_t d = 0; d < 3; ++d) {
      Vec3 by{0, 0, 0};
      by[d] = kStep;
      bench.move(start.id[atom], by);
      const Computed ahead = bench.compute(*potential_, Level::per_atom);
      by[d] = -2 * kStep;
      bench.move(start.id[atom], by);
      const Computed behind = bench.compute(*potential_, Level::per_atom);
      by[d] = kStep;
      bench.move(start.id[atom], by);
      EXPECT_NEAR(start.force[atom][d], -energy_change(ahead, behind) / (2 * kStep),
                  kDifferenceTolerance * rms)
          << "atom " << start.id[atom] << ", direction " << d;
    }
}

/// x_a += strain·x_b, of atoms and cell.
io::Structure strained(io::Structure structure, std::size_t a, std::size_t b, double strain) {
  for (auto& x : structure.position) x[a] += strain * x[b];
  for (auto& v : structure.cell->vectors) v[a] += strain * v[b];
  return structure;
}

TEST_P(Eam, VirialIsMinusDerivativeByStrain) {
  const auto virial = compute(Level::totals).tally.virial;
  const double scale = std::abs(virial[0]);
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b) {
      const auto at = [&](double strain) {
        return compute_once(strained(structure_, a, b, strain), units_, comm_, *potential_,
                            Level::per_atom, 1.0);
      };
      EXPECT_NEAR(virial[3 * a + b], -energy_change(at(kStrain), at(-kStrain)) / (2 * kStrain),
                  kDifferenceTolerance * scale)
          << "strain " << a << b;
    }
}

/// Two atoms at distance 1 whose densities are `density` each; F(rho) = rho² tabulated up to 5, no pair energy.
double dimer_energy(const Communicator& comm, double density) {
  md::EamTables tables;
  tables.types = 1;
  tables.n_rho = 6, tables.n_r = 40;
  tables.d_rho = 1, tables.d_r = 0.1;
  tables.cutoff = 3;
  tables.embedding = {{0, 1, 4, 9, 16, 25}};
  tables.density = {std::vector<double>(40, density)};
  tables.pair = {std::vector<double>(40, 0.0)};
  tables.density_of = tables.pair_of = {0};
  io::Structure pair;
  pair.cell = io::Cell{{{{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}}, {}, {true, true, true}};
  pair.id = {1, 2};
  pair.type = {0, 0};
  pair.position = {{5, 5, 5}, {6, 5, 5}};
  pair.species = {"A"};
  const auto potential = md::make_eam(tables, 1);
  return compute_once(pair, lammps_units(UnitStyle::lj), comm, *potential, Level::totals, 0.5)
      .tally.energy;
}

TEST(EamEmbedding, ContinuesLinearlyBeyondTheLastDensity) {
  int argc = 0;
  char** argv = nullptr;
  const CommScope scope(argc, argv);
  const auto comm = scope.world();
  EXPECT_DOUBLE_EQ(dimer_energy(comm, 3), 2 * 9);
  EXPECT_DOUBLE_EQ(dimer_energy(comm, 5), 2 * 25);
  EXPECT_DOUBLE_EQ(dimer_energy(comm, 7), 2 * (25 + 2 * 9));  // slope 25 − 16
}

}  // namespace
}  // namespace r1::test
