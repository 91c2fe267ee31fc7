// For tests of observers: structures, and simulations of them under a soft Lennard-Jones potential of a short cutoff.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/simulation.hpp"
#include "tests/md/dynamics.hpp"
#include "tests/md/test_system.hpp"
#include "tests/world.hpp"

#include <memory>
#include <string>
#include <vector>

namespace r1::test {

/// Uniform numbers in [0, 1) that are the same with every standard library.
class Uniform {
 public:
  explicit Uniform(std::uint64_t seed) : state_(seed) {}
  double operator()() {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<double>(state_ >> 11) * 0x1p-53;
  }

 private:
  std::uint64_t state_;
};

inline io::Cell cell_of(const std::array<io::Vec3, 3>& vectors) {
  io::Cell cell;
  cell.vectors = vectors;
  cell.origin = {-0.7, 0.3, 1.1};
  return cell;
}

/// Atoms anywhere in the cell, of species A and B in turn, with ids 11, 21, 31 ...
inline io::Structure random_atoms(const io::Cell& cell, int n, std::uint64_t seed) {
  Uniform uniform(seed);
  io::Structure s;
  s.cell = cell;
  s.species = {"A", "B"};
  s.mass = {1.0, 2.0};
  for (int i = 0; i < n; ++i) {
    const io::Vec3 f{uniform(), uniform(), uniform()};
    io::Vec3 x = cell.origin;
    for (std::size_t d = 0; d < 3; ++d)
      for (std::size_t k = 0; k < 3; ++k) x[k] += f[d] * cell.vectors[d][k];
    s.id.push_back(10 * i + 11);
    s.type.push_back(i % 2);
    s.position.push_back(x);
  }
  return s;
}

/// A simple cubic lattice of n^3 atoms of species A.
inline io::Structure cubic_lattice(int n, double constant) {
  const double edge = n * constant;
  io::Structure s;
  s.cell = cell_of({{{edge, 0, 0}, {0, edge, 0}, {0, 0, edge}}});
  s.species = {"A"};
  s.mass = {1.0};
  for (int a = 0; a < n; ++a)
    for (int b = 0; b < n; ++b)
      for (int c = 0; c < n; ++c) {
        s.id.push_back((a * n + b) * n + c + 1);
        s.type.push_back(0);
        s.position.push_back({s.cell->origin[0] + a * constant, s.cell->origin[1] + b * constant,
                              s.cell->origin[2] + c * constant});
      }
  return s;
}

/// Every pair of species interacts with sigma 1 and epsilon 1 below `cutoff`.
inline md::Simulation make_simulation(const io::Structure& structure, const Communicator& comm,
                                      double cutoff, double skin) {
  const Units units = lammps_units(UnitStyle::lj);
  auto system = make_system(structure, units, comm);
  std::string pairs;
  for (std::size_t a = 0; a < structure.species.size(); ++a)
    for (std::size_t b = a; b < structure.species.size(); ++b)
      pairs += (pairs.empty() ? "" : ", ") + std::string("{species: [") + structure.species[a] +
               ", " + structure.species[b] + "], epsilon: 1.0, sigma: 1.0}";
  std::vector<std::unique_ptr<md::Potential>> potentials;
  potentials.push_back(make_potential(
      "lennard_jones: {cutoff: " + std::to_string(cutoff) + ", pairs: [" + pairs + "]}", units,
      system.species));
  return md::Simulation(Exec(), comm, std::move(system), md::ForceField(std::move(potentials)),
                        skin);
}

}  // namespace r1::test
