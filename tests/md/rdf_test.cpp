// Counts are compared with a sum over all pairs and all images, exactly: on every number of ranks they are the same.
// SPDX-License-Identifier: Apache-2.0
#include "md/observables/rdf.hpp"

#include "md/output/gather.hpp"
#include "tests/md/small_run.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numbers>

namespace {

using namespace r1;
using test::world;

using Counts = std::map<std::string, std::vector<std::int64_t>>;

md::ObservableContext context_of(const io::Structure& structure) {
  md::ObservableContext context{test::lammps_units(UnitStyle::lj), {}, "rdf"};
  for (std::size_t t = 0; t < structure.species.size(); ++t)
    context.species.push_back({structure.species[t], structure.mass[t]});
  return context;
}

template <class T>
const std::vector<T>& column(const io::ObservableTable& table, const std::string& name) {
  for (const auto& c : table.columns)
    if (c.name == name) return std::get<std::vector<T>>(c.data);
  throw std::runtime_error("no column " + name);
}

Counts counts_of(const std::vector<io::ObservableTable>& tables) {
  Counts counts;
  for (const auto& table : tables) counts[table.group] = column<std::int64_t>(table, "count");
  return counts;
}

/// Observes `simulation` once.
std::vector<io::ObservableTable> observed(md::Simulation& simulation,
                                          const io::Structure& structure,
                                          const md::Rdf::Options& options) {
  md::Rdf rdf(options, context_of(structure));
  rdf.attach(simulation);
  rdf.observe(simulation);
  return rdf.tables(simulation.comm());
}

/// Adds the pair at distance |d| to its pair of species and to "all".
void count_naively(Counts& counts, const io::Structure& s, std::size_t i, std::size_t j,
                   const io::Vec3& d, const md::Rdf::Options& options) {
  const double r = std::sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
  if (r >= options.cutoff) return;
  const auto bin = static_cast<std::size_t>(r * options.bins / options.cutoff);
  const auto a = static_cast<std::size_t>(std::min(s.type[i], s.type[j]));
  const auto b = static_cast<std::size_t>(std::max(s.type[i], s.type[j]));
  ++counts["rdf/" + s.species[a] + "-" + s.species[b]][bin];
  ++counts["rdf/all"][bin];
}

/// Every pair once, with `reach` images to either side along periodic vectors.
Counts naive(const io::Structure& s, const md::Rdf::Options& options, int reach) {
  Counts counts;
  for (const char* pair : {"A-A", "A-B", "B-B", "all"})
    counts[std::string("rdf/") + pair].resize(static_cast<std::size_t>(options.bins));
  const auto& cell = *s.cell;
  int n[3];
  int most[3];
  for (std::size_t d = 0; d < 3; ++d) most[d] = cell.periodic[d] ? reach : 0;
  for (n[0] = -most[0]; n[0] <= most[0]; ++n[0])
    for (n[1] = -most[1]; n[1] <= most[1]; ++n[1])
      for (n[2] = -most[2]; n[2] <= most[2]; ++n[2])
        for (std::size_t i = 0; i < s.size(); ++i)
          for (std::size_t j = i; j < s.size(); ++j) {
            // An atom and its own image: one of the two signs.
            const bool positive = n[0] > 0 || (n[0] == 0 && (n[1] > 0 || (n[1] == 0 && n[2] > 0)));
            if (i == j && !positive) continue;
            io::Vec3 r{};
            for (std::size_t k = 0; k < 3; ++k) {
              r[k] = s.position[j][k] - s.position[i][k];
              for (std::size_t d = 0; d < 3; ++d) r[k] += n[d] * cell.vectors[d][k];
            }
            count_naively(counts, s, i, j, r, options);
          }
  return counts;
}

md::Rdf::Options every_pair(double cutoff, int bins) {
  md::Rdf::Options options;
  options.cutoff = cutoff;
  options.bins = bins;
  return options;
}

TEST(Rdf, CountsTheShellsOfALattice) {
  const auto structure = test::cubic_lattice(6, 1.0);
  auto simulation = test::make_simulation(structure, world(), 1.2, 0.1);
  simulation.prepare();
  const auto tables = observed(simulation, structure, every_pair(2.1, 21));
  ASSERT_EQ(tables.size(), 2U);  // A-A and all
  const auto& count = column<std::int64_t>(tables[0], "count");
  const auto shell = [&](double r) { return count[static_cast<std::size_t>(r * 10)]; };
  // Each atom has 6, 12, 8, 6 neighbours at 1, sqrt 2, sqrt 3, 2. Rounding decides which side of 1.0 and 2.0 they are on.
  EXPECT_EQ(count[9] + count[10], 216 * 6 / 2);
  EXPECT_EQ(shell(std::numbers::sqrt2), 216 * 12 / 2);
  EXPECT_EQ(shell(std::numbers::sqrt3), 216 * 8 / 2);
  EXPECT_EQ(count[19] + count[20], 216 * 6 / 2);
  std::int64_t all = 0;
  for (const auto c : count) all += c;
  EXPECT_EQ(all, 216 * 32 / 2);
}

TEST(Rdf, CountsAllImagesInSmallTiltedCells) {
  const auto cell = test::cell_of({{{3.1, 0, 0}, {0.9, 2.7, 0}, {-0.6, 0.8, 2.2}}});
  const auto structure = test::random_atoms(cell, 40, 3);
  auto simulation = test::make_simulation(structure, world(), 0.9, 0.1);
  simulation.prepare();
  for (const double cutoff : {0.9, 1.3, 4.5})  // within the potential's, beyond it, beyond the cell
    EXPECT_EQ(counts_of(observed(simulation, structure, every_pair(cutoff, 50))),
              naive(structure, every_pair(cutoff, 50), 4))
        << "cutoff " << cutoff;
}

TEST(Rdf, CountsNoImagesBeyondOpenFaces) {
  auto cell = test::cell_of({{{5, 0, 0}, {0.5, 4, 0}, {0, 0, 3}}});
  cell.periodic = {false, true, false};
  const auto structure = test::random_atoms(cell, 60, 4);
  auto simulation = test::make_simulation(structure, world(), 0.9, 0.1);
  simulation.prepare();
  const auto tables = observed(simulation, structure, every_pair(3.5, 40));
  EXPECT_EQ(counts_of(tables), naive(structure, every_pair(3.5, 40), 2));
  EXPECT_NE(tables[0].sentence.find("open faces"), std::string::npos);
}

/// The lattice with velocities that take atoms out of their bricks without a rebuild of the list.
io::Structure moving_lattice() {
  auto structure = test::cubic_lattice(6, 1.1);
  structure.species = {"A", "B"};
  structure.mass = {1.0, 2.0};
  test::Uniform uniform(9);
  for (std::size_t k = 0; k < structure.size(); ++k) {
    structure.type[k] = static_cast<std::int32_t>(k % 2);
    structure.velocity.push_back({uniform() - 0.5, uniform() - 0.5, uniform() - 0.5});
  }
  return structure;
}

TEST(Rdf, FindsAtomsThatHaveLeftTheirBricks) {
  auto structure = moving_lattice();
  for (const double cutoff : {1.0, 2.9}) {
    auto simulation = test::make_simulation(structure, world(), 1.3, 0.9);
    simulation.prepare();
    test::run_freely(simulation, 80, 0.005);
    ASSERT_EQ(simulation.neighbors().builds(), 1);
    const auto counts = counts_of(observed(simulation, structure, every_pair(cutoff, 60)));
    const auto frame = md::gather_by_id(Exec(), simulation.system(), world(), {});
    if (world().rank() != 0) continue;
    auto moved = structure;
    moved.position = frame.position;
    EXPECT_EQ(counts, naive(moved, every_pair(cutoff, 60), 2)) << "cutoff " << cutoff;
  }
}

TEST(Rdf, LeavesTheDynamicsAlone) {
  const auto structure = moving_lattice();
  std::vector<std::vector<io::Vec3>> positions;
  for (const bool watched : {false, true}) {
    auto simulation = test::make_simulation(structure, world(), 1.3, 0.2);
    simulation.prepare();
    if (watched) {
      auto options = every_pair(3.0, 20);
      options.schedule.every = 3;
      auto rdf = std::make_unique<md::Rdf>(options, context_of(structure));
      rdf->attach(simulation);
      simulation.add(std::move(rdf));
    }
    test::run_freely(simulation, 100, 0.005);
    EXPECT_GT(simulation.neighbors().builds(), 1);
    positions.push_back(md::gather_by_id(Exec(), simulation.system(), world(), {}).position);
  }
  EXPECT_EQ(positions[0], positions[1]);  // the same bits
}

TEST(Rdf, OfAnIdealGasIsOne) {
  const auto cell = test::cell_of({{{9, 0, 0}, {2, 8, 0}, {1, -1, 10}}});
  const auto structure = test::random_atoms(cell, 3000, 6);
  auto simulation = test::make_simulation(structure, world(), 0.5, 0.1);
  simulation.prepare();
  const auto tables = observed(simulation, structure, every_pair(3.5, 50));
  ASSERT_EQ(tables.size(), 4U);
  for (const auto& table : tables) {
    const auto& g = column<double>(table, "g");
    const auto& count = column<std::int64_t>(table, "count");
    double chi2 = 0;
    for (std::size_t b = 3; b < g.size(); ++b) {
      // A count scatters by its square root about what g = 1 makes it.
      const double expected = static_cast<double>(count[b]) / g[b];
      chi2 += std::pow(static_cast<double>(count[b]) - expected, 2) / expected;
    }
    const double freedom = static_cast<double>(g.size() - 3);
    EXPECT_NEAR(chi2 / freedom, 1.0, 4 * std::sqrt(2 / freedom)) << table.group;
  }
}

TEST(Rdf, IsTheMeanOverFramesOfTheListedPairs) {
  const auto cell = test::cell_of({{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}});
  const auto structure = test::random_atoms(cell, 50, 8);
  auto simulation = test::make_simulation(structure, world(), 0.9, 0.1);
  simulation.prepare();
  auto options = every_pair(1.5, 10);
  options.pairs = {{1, 0}};
  md::Rdf rdf(options, context_of(structure));
  rdf.attach(simulation);
  for (int frame = 0; frame < 3; ++frame) rdf.observe(simulation);
  const auto tables = rdf.tables(world());
  ASSERT_EQ(tables.size(), 1U);
  EXPECT_EQ(tables[0].group, "rdf/B-A");
  EXPECT_EQ(tables[0].counts[0].second, 3);
  const auto once = naive(structure, every_pair(1.5, 10), 1).at("rdf/A-B");
  const double shell = 4 * std::numbers::pi / 3 * (std::pow(1.5, 3) - std::pow(1.35, 3));
  for (std::size_t b = 0; b < 10; ++b)
    EXPECT_EQ(column<std::int64_t>(tables[0], "count")[b], 3 * once[b]);
  EXPECT_NEAR(column<double>(tables[0], "g")[9],
              static_cast<double>(once[9]) * 64 / (25 * 25 * shell), 1e-12);
}

TEST(Rdf, RefusesUnknownAndRepeatedPairs) {
  const auto registry = md::builtin_observables();
  const auto schema = io::mapping({io::Key("o", registry.schema(), "Observable.").required_()});
  const auto document = io::parse_config("o: {rdf: {cutoff: 2, pairs: [[A, C], [A, B], [B, A]]}}\n",
                                         "input.yaml", schema);
  document->check();
  const auto cell = test::cell_of({{{4, 0, 0}, {0, 4, 0}, {0, 0, 4}}});
  registry.make(document->root()["o"], context_of(test::random_atoms(cell, 2, 1)));
  EXPECT_EQ(document->faults(), 2U);
  EXPECT_THROW(document->check(), ConfigError);
}

}  // namespace
