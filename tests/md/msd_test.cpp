// SPDX-License-Identifier: Apache-2.0
#include "md/observables/msd.hpp"

#include "tests/md/small_run.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using namespace r1;
using test::world;

constexpr Vec3 kVelocityA{5.0, -2.0, 0.0}, kVelocityB{-1.0, 4.0, 0.0};

/// Layers of A and of B, further apart than the potential reaches: each layer moves as it began, along itself.
io::Structure layers() {
  auto structure = test::cubic_lattice(4, 3.0);
  structure.species = {"A", "B"};
  structure.mass = {1.0, 3.0};
  for (std::size_t k = 0; k < structure.size(); ++k) {
    structure.type[k] = static_cast<std::int32_t>(k % 2);  // by layer: c runs fastest
    const Vec3& v = k % 2 == 0 ? kVelocityA : kVelocityB;
    structure.velocity.push_back({v[0], v[1], v[2]});
  }
  return structure;
}

enum class Attached { before_prepare, after_prepare };

std::vector<io::ObservableTable> tables_of_run(md::Msd::Drift drift, Attached when) {
  const auto structure = layers();
  auto simulation = test::make_simulation(structure, world(), 1.0, 0.3);
  auto msd = std::make_unique<md::Msd>(
      md::Schedule{40}, drift,
      md::ObservableContext{test::lammps_units(UnitStyle::lj), {{"A", 1.0}, {"B", 3.0}}, "msd"});
  auto* const kept = msd.get();
  const auto attach = [&] {
    kept->register_fields(simulation.system());
    kept->attach(simulation);
  };
  if (when == Attached::before_prepare) attach();
  simulation.prepare();
  if (when == Attached::after_prepare) attach();
  simulation.add(std::move(msd));
  test::run_freely(simulation, 310, 0.01);  // 15 lengths in a cell of 12
  EXPECT_GT(simulation.neighbors().builds(), 10);
  const double migrated = world().sum(static_cast<double>(simulation.domain().migrated()));
  EXPECT_EQ(migrated > 0, world().size() > 1);
  return kept->tables(world());
}

const std::vector<double>& reals(const io::ObservableTable& table, const std::string& name) {
  for (const auto& c : table.columns)
    if (c.name == name) return std::get<std::vector<double>>(c.data);
  throw std::runtime_error("no column " + name);
}

TEST(Msd, OfBallisticAtomsIsTheSquareOfSpeedTimesTime) {
  for (const auto when : {Attached::before_prepare, Attached::after_prepare}) {
    const auto tables = tables_of_run(md::Msd::Drift::kept, when);
    ASSERT_EQ(tables.size(), 1U);
    const auto& time = reals(tables[0], "time");
    ASSERT_EQ(time.size(), 9U);  // 0, 40, ..., 280, 310
    const double a = dot(kVelocityA, kVelocityA), b = dot(kVelocityB, kVelocityB);
    for (std::size_t k = 0; k < time.size(); ++k) {
      const double t2 = time[k] * time[k];
      EXPECT_NEAR(reals(tables[0], "species/A")[k], a * t2, 1e-10);
      EXPECT_NEAR(reals(tables[0], "species/B")[k], b * t2, 1e-10);
      EXPECT_NEAR(reals(tables[0], "total")[k], 0.5 * (a + b) * t2, 1e-10);
    }
    EXPECT_EQ(std::get<std::vector<std::int64_t>>(tables[0].columns[0].data).back(), 310);
    EXPECT_NEAR(time.back(), 3.1, 1e-12);
  }
}

TEST(Msd, CanBeTakenRelativeToTheCentreOfMass) {
  const auto tables = tables_of_run(md::Msd::Drift::removed, Attached::after_prepare);
  // Masses 1 and 3, as many of each: A moves with 3/4 of the difference, B with 1/4.
  double difference2 = 0;
  for (std::size_t d = 0; d < 3; ++d) difference2 += std::pow(kVelocityA[d] - kVelocityB[d], 2);
  const auto& time = reals(tables[0], "time");
  for (std::size_t k = 0; k < time.size(); ++k) {
    EXPECT_NEAR(reals(tables[0], "species/A")[k], 9.0 / 16 * difference2 * time[k] * time[k], 1e-9);
    EXPECT_NEAR(reals(tables[0], "species/B")[k], 1.0 / 16 * difference2 * time[k] * time[k], 1e-9);
  }
}

}  // namespace
