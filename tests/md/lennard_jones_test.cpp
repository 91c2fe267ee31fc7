// Lennard-Jones against closed forms, the NIST reference configurations and LAMMPS' reference runs.
// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/lennard_jones.hpp"

#include "core/error.hpp"
#include "tests/md/small_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>

namespace r1::test {
namespace {

using Level = md::Tally::Level;
using md::CutLennardJones;
using md::ForceShiftedLennardJones;

std::string reference_file(const std::string& name) {
  return std::string(R1_SHARED_DATA_DIR) + "/" + name;
}

TEST(LennardJones, ForceVanishesAtTheMinimum) {
  const CutLennardJones<double> form{4 * 0.5, 4.0, 0.0};
  const double r = std::pow(2.0, 1.0 / 6.0) * 2.0;
  const auto pair = form(r * r);
  EXPECT_NEAR(pair.u, -0.5, 1e-15);
  EXPECT_NEAR(pair.g, 0.0, 1e-15);
}

TEST(LennardJones, ForceShiftedFormVanishesAtTheCutoff) {
  const double rc = 2.5, s6 = std::pow(1 / rc, 6);
  const double u = 4 * s6 * (s6 - 1), slope = -24 * s6 * (2 * s6 - 1) / rc;
  const ForceShiftedLennardJones<double> form{4.0, 1.0, u - rc * slope, slope};
  EXPECT_NEAR(form(rc * rc).u, 0, 1e-16);
  EXPECT_NEAR(form(rc * rc).g, 0, 1e-16);
}

std::unique_ptr<md::Potential> argon(double cutoff, const std::string& more) {
  return make_potential("lennard_jones: {cutoff: " + std::to_string(cutoff) + more +
                            ", pairs: [{species: [A, A], epsilon: 1, sigma: 1}]}",
                        lammps_units(UnitStyle::lj), {{"A", 1.0}});
}

/// A configuration of the NIST Standard Reference Simulation Website: edge lengths, number, then id x y z.
io::Structure nist_configuration(int number) {
  std::ifstream in(
      reference_file("nist_lj/lj_sample_config_periodic" + std::to_string(number) + ".txt"));
  io::Structure s;
  s.cell.emplace();
  for (std::size_t d = 0; d < 3; ++d) {
    in >> s.cell->vectors[d][d];
    s.cell->origin[d] = -0.5 * s.cell->vectors[d][d];
  }
  std::size_t n = 0;
  in >> n;
  s.species = {"A"};
  s.mass = {1.0};
  for (std::size_t k = 0; k < n; ++k) {
    std::int64_t id = 0;
    io::Vec3 x{};
    in >> id >> x[0] >> x[1] >> x[2];
    s.id.push_back(id);
    s.type.push_back(0);
    s.position.push_back(x);
  }
  return s;
}

/// Published: energy, W = sum of r·F over pairs, tail correction of the energy; to so many printed digits.
struct Nist {
  int number;
  double cutoff, energy, virial, tail;
  double energy_digit, virial_digit, tail_digit;  // half a unit of the last digit
};

TEST(LennardJones, ReproducesTheNistConfigurations) {
  if (!std::filesystem::exists(reference_file("nist_lj")))
    GTEST_SKIP() << "no reference data in " << reference_file("nist_lj");
  const Nist rows[] = {{1, 3, -4351.5, -568.67, -198.49, 0.05, 0.005, 0.005},
                       {1, 4, -4467.5, -1263.9, -83.769, 0.05, 0.05, 0.0005},
                       {2, 3, -690.00, -568.46, -24.230, 0.005, 0.005, 0.0005},
                       {2, 4, -704.60, -655.99, -10.226, 0.005, 0.005, 0.0005}};
  for (const auto& row : rows) {
    const auto s = nist_configuration(row.number);
    const auto potential = argon(row.cutoff, ", tail_correction: true");
    const Computed at =
        compute_once(s, lammps_units(UnitStyle::lj), world(), *potential, Level::totals, 0.3);
    EXPECT_NEAR(at.tally.energy, row.energy, row.energy_digit);
    EXPECT_NEAR(at.tally.virial[0] + at.tally.virial[4] + at.tally.virial[8], row.virial,
                row.virial_digit);
    const double volume = std::pow(s.cell->vectors[0][0], 3);
    const auto tail = potential->tail({static_cast<std::int64_t>(s.size())}, volume);
    EXPECT_NEAR(tail.energy, row.tail, row.tail_digit);
  }
}

TEST(LennardJones, MixesPairsThatAreNotListed) {
  const Units units = lammps_units(UnitStyle::lj);
  const std::vector<md::Species> species{{"A", 1.0}, {"B", 1.0}};
  const std::string pairs =
      "pairs: [{species: [A, A], epsilon: 1, sigma: 1}, {species: [B, B], epsilon: 4, sigma: "
      "2.25}]}";
  for (const auto& [rule, sigma] :
       {std::pair{"geometric", 1.5}, std::pair{"lorentz_berthelot", 1.625}}) {
    const auto mixed = make_potential(
        std::string("lennard_jones: {cutoff: 5, mixing: ") + rule + ", " + pairs, units, species);
    io::Structure s = random_atoms(cell_of({{{20, 0, 0}, {0, 20, 0}, {0, 0, 20}}}), 2, 1);
    s.position = {{5, 5, 5}, {5, 5, 7}};
    const double s6 = std::pow(sigma / 2, 6);
    const Computed at = compute_once(s, units, world(), *mixed, Level::totals, 0.3);
    EXPECT_NEAR(at.tally.energy, 4 * 2.0 * s6 * (s6 - 1), 1e-12) << rule;
  }
  EXPECT_FALSE(make_potential("lennard_jones: {cutoff: 5, " + pairs, units, species)->covers(0, 1));
}

TEST(LennardJones, NamesAnUnknownSpeciesAndAPairListedTwice) {
  const auto bad = [](const std::string& pairs) {
    try {
      make_potential("lennard_jones: {cutoff: 5, pairs: [" + pairs + "]}",
                     lammps_units(UnitStyle::lj), {{"Ar", 1.0}});
    } catch (const ConfigError& e) {
      return std::string(e.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(bad("{species: [Ar, Kr], epsilon: 1, sigma: 1}").find("'Kr'"), std::string::npos);
  EXPECT_NE(
      bad("{species: [Ar, Ar], epsilon: 1, sigma: 1}, {species: [Ar, Ar], epsilon: 1, sigma: 1}")
          .find("twice"),
      std::string::npos);
}

}  // namespace
}  // namespace r1::test
