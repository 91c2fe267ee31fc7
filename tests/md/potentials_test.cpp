// What every potential of the registry must fulfil, run on the example that its entry gives (two species, A and B; files in
// inputs/): forces are minus the gradient of the energy, the virial its derivative by strain; nothing depends on origin,
// orientation, numbering, list shape or number of ranks.
// SPDX-License-Identifier: Apache-2.0
#include "tests/md/test_system.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

namespace r1::test {
namespace {

using Level = md::Tally::Level;

constexpr double kGradient = 1e-7;   // finite differences in fp64, relative to the rms force
constexpr double kSymmetry = 1e-11;  // other rounding of the same sums, relative

std::vector<std::string> names() {
  std::vector<std::string> all;
  const auto registry = md::builtin_potentials();
  for (const auto& e : registry.entries()) all.push_back(e.name);
  return all;
}

class Potentials : public testing::TestWithParam<std::string> {
 protected:
  Potentials() {
    const auto registry = md::builtin_potentials();
    for (const auto& e : registry.entries())
      if (e.name == GetParam()) {
        const std::vector<md::Species> species{{"A", 60.0}, {"B", 30.0}};
        potential = make_potential(e.name + ": " + e.example, units, species,
                                   std::string(R1_SOURCE_DIR) + "/inputs");
      }
    nearest = potential->cutoff() / 2.2;  // a dense solid under this potential
  }

  /// An fcc crystal in a slanted cell of n^3 cubes, atoms displaced by up to `jitter` nearest-neighbour distances.
  io::Structure crystal(int n, double jitter, double slant = 0.1) const {
    const double a = nearest * std::sqrt(2.0);
    io::Structure s;
    s.cell.emplace();
    s.cell->vectors = {
        {{n * a, 0, 0}, {slant * n * a, n * a, 0}, {-slant * n * a, slant * n * a, n * a}}};
    s.species = {"A", "B"};
    s.mass = {60.0, 30.0};
    std::uint64_t state = 99;
    const auto uniform = [&] {
      state = state * 6364136223846793005ULL + 1442695040888963407ULL;
      return static_cast<double>(state >> 11) * 0x1p-53 - 0.5;
    };
    const double basis[4][3] = {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}};
    for (int k = 0; k < 4 * n * n * n; ++k) {
      const int c = k / 4;
      const double f[3] = {(c % n + basis[k % 4][0]) / n, (c / n % n + basis[k % 4][1]) / n,
                           (c / (n * n) + basis[k % 4][2]) / n};
      io::Vec3 x{};
      for (std::size_t d = 0; d < 3; ++d) {
        for (std::size_t v = 0; v < 3; ++v) x[d] += f[v] * s.cell->vectors[v][d];
        x[d] += 2 * jitter * nearest * uniform();
      }
      s.position.push_back(x);
      s.id.push_back(k + 1);
      s.type.push_back(k % 3 == 0 ? 1 : 0);
    }
    return s;
  }
  Computed compute(const io::Structure& s, Level level = Level::per_atom) {
    return compute_once(s, units, comm, *potential, level, 0.1 * nearest);
  }

  Communicator comm = world();
  Units units = lammps_units(UnitStyle::metal);
  std::unique_ptr<md::Potential> potential;
  double nearest = 1;
};
INSTANTIATE_TEST_SUITE_P(Registry, Potentials, testing::ValuesIn(names()),
                         [](const auto& test) { return test.param; });

/// Sum of the changes of atoms' energies: it does not drown in the rounding of the total.
double energy_change(const Computed& to, const Computed& from) {
  double sum = 0;
  for (std::size_t i = 0; i < to.atom_energy.size(); ++i)
    sum += to.atom_energy[i] - from.atom_energy[i];
  return sum;
}
/// df/dh at 0 from f at -2h, -h, h, 2h: the error is of fourth order.
double slope(double m2, double m1, double p1, double p2, double h) {
  return (8 * (p1 - m1) - (p2 - m2)) / (12 * h);
}

void transform(io::Structure& s, const double (&m)[3][3]) {
  const auto apply = [&](io::Vec3& x) {
    const io::Vec3 old = x;
    for (std::size_t a = 0; a < 3; ++a) {
      x[a] = 0;
      for (std::size_t b = 0; b < 3; ++b) x[a] += m[a][b] * old[b];
    }
  };
  for (auto& x : s.position) apply(x);
  for (auto& v : s.cell->vectors) apply(v);
  apply(s.cell->origin);
}

TEST_P(Potentials, ForceIsMinusTheGradientOfTheEnergy) {
  const auto start = crystal(4, 0.08);
  const Computed at = compute(start);
  const double rms = root_mean_square(at.force), h = 1e-3 * nearest;
  ASSERT_GT(rms, 0);
  for (const std::size_t atom : {std::size_t{0}, std::size_t{101}, std::size_t{255}})
    for (std::size_t d = 0; d < 3; ++d) {
      const auto moved = [&](double by) {
        auto s = start;
        s.position[atom][d] += by;
        return energy_change(compute(s), at);
      };
      const double force = -slope(moved(-2 * h), moved(-h), moved(h), moved(2 * h), h);
      EXPECT_NEAR(at.force[atom][d], force, kGradient * rms)
          << "atom " << atom << " component " << d;
    }
}

TEST_P(Potentials, VirialIsMinusTheDerivativeByStrain) {
  const auto start = crystal(4, 0.08);
  const Computed at = compute(start);
  double scale = 0;
  for (std::size_t c = 0; c < 9; ++c) scale = std::max(scale, std::abs(at.tally.virial[c]));
  const double h = 2e-4;
  for (std::size_t a = 0; a < 3; ++a)
    for (std::size_t b = 0; b < 3; ++b) {
      const auto strained = [&](double e) {
        double m[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
        m[b][a] += e;  // x_b += e x_a, so that dU/de = -sum r_a f_b
        auto s = start;
        transform(s, m);
        return energy_change(compute(s), at);
      };
      const double virial = -slope(strained(-2 * h), strained(-h), strained(h), strained(2 * h), h);
      EXPECT_NEAR(at.tally.virial[3 * a + b], virial, kGradient * scale) << a << b;
    }
}

TEST_P(Potentials, NothingDependsOnTheOrigin) {
  const auto start = crystal(4, 0.08);
  auto moved = start;
  for (auto& x : moved.position)
    for (std::size_t d = 0; d < 3; ++d) x[d] += (0.37 + static_cast<double>(d)) * nearest;
  const Computed a = compute(start), b = compute(moved);
  EXPECT_NEAR(a.tally.energy, b.tally.energy, kSymmetry * std::abs(a.tally.energy));
  EXPECT_LT(largest_difference(a.force, b.force), kSymmetry * root_mean_square(a.force));
}

TEST_P(Potentials, ForcesTurnWithTheSystem) {
  const auto start = crystal(4, 0.08);
  auto turned = start;
  const double c = std::cos(0.7), s = std::sin(0.7);
  const double m[3][3] = {{c, -s, 0}, {s * c, c * c, -s}, {s * s, s * c, c}};
  transform(turned, m);
  const Computed a = compute(start), b = compute(turned);
  std::vector<Vec3> expected;
  for (const auto& f : a.force) {
    Vec3 g{0, 0, 0};
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < 3; ++k) g[i] += m[i][k] * f[k];
    expected.push_back(g);
  }
  EXPECT_NEAR(a.tally.energy, b.tally.energy, kSymmetry * std::abs(a.tally.energy));
  EXPECT_LT(largest_difference(expected, b.force), kSymmetry * root_mean_square(a.force));
}

TEST_P(Potentials, NumberingOfAtomsIsIrrelevant) {
  const auto start = crystal(4, 0.08);
  auto renumbered = start;
  const auto n = static_cast<std::int64_t>(start.size());
  for (auto& id : renumbered.id)
    id = 3 * ((id * 77) % n) + 5;  // 77 and 256 are coprime: a permutation
  const Computed a = compute(start), b = compute(renumbered);
  EXPECT_NEAR(a.tally.energy, b.tally.energy, kSymmetry * std::abs(a.tally.energy));
  std::vector<Vec3> in_order(start.size());
  for (std::size_t k = 0; k < start.size(); ++k) {
    const auto at = std::find(b.id.begin(), b.id.end(), renumbered.id[k]) - b.id.begin();
    in_order[k] = b.force[static_cast<std::size_t>(at)];
  }
  EXPECT_LT(largest_difference(a.force, in_order), kSymmetry * root_mean_square(a.force));
}

TEST_P(Potentials, RanksAndListShapesAgree) {
  const auto start = crystal(4, 0.08);
  const Computed ours = compute(start);
  const double skin = 0.1 * nearest;
  for (const ListShape shape : {ListShape::half, ListShape::full}) {
    if (!kDeviceIsHost && shape == ListShape::half) continue;
    const Computed alone =
        compute_once(start, units, Communicator::self(), *potential, Level::per_atom, skin, shape);
    EXPECT_NEAR(ours.tally.energy, alone.tally.energy, kSymmetry * std::abs(alone.tally.energy));
    EXPECT_LT(largest_difference(ours.force, alone.force),
              kSymmetry * root_mean_square(alone.force));
    for (std::size_t c = 0; c < 9; ++c)
      EXPECT_NEAR(ours.tally.virial[c], alone.tally.virial[c],
                  kSymmetry * std::abs(alone.tally.energy));
  }
}

TEST_P(Potentials, ForcesHaveTheSameBitsWithAndWithoutEnergy) {
  const auto start = crystal(4, 0.08);
  EXPECT_EQ(compute(start, Level::forces).force, compute(start, Level::totals).force);
}

TEST_P(Potentials, APerfectLatticeHasNoForces) {
  const auto one_species = [&](double jitter) {
    auto s = crystal(5, jitter);
    std::fill(s.type.begin(), s.type.end(), 0);
    return compute(s);
  };
  EXPECT_LT(root_mean_square(one_species(0.0).force),
            1e-11 * root_mean_square(one_species(0.08).force));
}

TEST_P(Potentials, AThinCellIsHalfOfItsDouble) {
  // 1.5 cutoffs along c: atoms meet several images of each other and of themselves.
  auto thin = crystal(3, 0.08, 0.0);
  const double height = 1.5 * potential->cutoff();
  for (auto& x : thin.position) x[2] *= height / thin.cell->vectors[2][2];
  thin.cell->vectors[2][2] = height;
  auto twice = thin;
  twice.cell->vectors[2][2] = 2 * height;
  for (std::size_t k = 0; k < thin.size(); ++k) {
    auto x = thin.position[k];
    x[2] += height;
    twice.position.push_back(x);
    twice.type.push_back(thin.type[k]);
    twice.id.push_back(static_cast<std::int64_t>(thin.size() + k + 1));
  }
  const Computed a = compute(thin), b = compute(twice);
  EXPECT_NEAR(2 * a.tally.energy, b.tally.energy, 1e-10 * std::abs(b.tally.energy));
  const std::vector<Vec3> first(b.force.begin(),
                                b.force.begin() + static_cast<std::ptrdiff_t>(thin.size()));
  EXPECT_LT(largest_difference(a.force, first), 1e-10 * root_mean_square(a.force));
}

TEST_P(Potentials, AcceptsNoAtomAndOneAtomAndAtomsOnFaces) {
  io::Structure s = crystal(4, 0.0, 0.0);
  const auto corner = s.cell->vectors[0][0];
  s.position.clear(), s.id.clear(), s.type.clear();
  EXPECT_EQ(compute(s).tally.energy, 0);
  const auto put = [&](double x, double y, double z) {
    s.position.push_back({x, y, z});
    s.id.push_back(static_cast<std::int64_t>(s.id.size()) + 1);
    s.type.push_back(0);
  };
  put(corner, 0, corner / 2);
  const Computed one = compute(s);
  EXPECT_EQ(root_mean_square(one.force), 0);
  EXPECT_TRUE(std::isfinite(one.tally.energy));
  // A dimer across a face, both exactly on borders of bricks.
  put(0, 0, corner / 2 + nearest);
  const Computed across = compute(s);
  s.position[0][0] = 0.25 * corner + 0.01;
  s.position[1][0] = 0.25 * corner + 0.01;
  const Computed inside = compute(s);
  EXPECT_NEAR(across.tally.energy, inside.tally.energy, kSymmetry * std::abs(inside.tally.energy));
  EXPECT_NE(inside.tally.energy, one.tally.energy);
}

TEST_P(Potentials, OpenFacesHaveNoImages) {
  auto open = crystal(4, 0.08, 0.0);
  auto roomy = open;  // the same cluster in a cell so large that images do not meet
  open.cell->periodic = {false, false, false};
  for (std::size_t d = 0; d < 3; ++d) roomy.cell->vectors[d][d] += 3 * potential->cutoff();
  open.position[7][0] -= 1.5 * nearest;  // outside the cell
  roomy.position[7][0] -= 1.5 * nearest;
  const Computed a = compute(open), b = compute(roomy);
  EXPECT_NEAR(a.tally.energy, b.tally.energy, kSymmetry * std::abs(b.tally.energy));
  EXPECT_LT(largest_difference(a.force, b.force), kSymmetry * root_mean_square(b.force));
}

}  // namespace
}  // namespace r1::test
