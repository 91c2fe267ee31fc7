// For tests of md: a System from a structure or from lists of atoms, a potential from its YAML text, and one computation with
// its results gathered over all ranks, by atom id. Written for tests: every rank holds everything afterwards.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "io/structure.hpp"
#include "md/domain.hpp"
#include "md/measure.hpp"
#include "md/potential.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace r1::test {

/// Per-atom results of all ranks, in order of id.
struct Computed {
  std::vector<std::int64_t> id;
  std::vector<Vec3> position;                         // (N, 3) wrapped
  std::vector<Vec3> force;                            // (N, 3)
  std::vector<double> atom_energy;                    // (N); level per_atom only
  std::vector<Kokkos::Array<double, 9>> atom_virial;  // (N); level per_atom only
  md::Tally tally;                                    // energy and virial of all ranks
  md::Thermo thermo;                                  // levels totals and per_atom
};

/// The run's units of `style` with LAMMPS' constants.
Units lammps_units(UnitStyle style);

/// Every rank takes its share of the atoms, wherever they lie. Names replace those of the structure if given.
md::System make_system(const io::Structure& structure, const Units& units, const Communicator& comm,
                       const std::vector<std::string>& species = {});

/// The potential that `yaml` describes ("lennard_jones: {cutoff: 2.5, ...}"), as input files do; paths are relative to `folder`.
/// Throws ConfigError.
std::unique_ptr<md::Potential> make_potential(const std::string& yaml, const Units& units,
                                              const std::vector<md::Species>& species,
                                              const std::string& folder = ".");

/// A system with its ghosts and a list of either shape, on which potentials can be computed.
class Workbench {
 public:
  /// `cutoff` and `skin` of the list [length].
  Workbench(md::System system, const Communicator& comm, double cutoff, double skin,
            ListShape shape = kPairShape, std::optional<Int3> grid = std::nullopt);

  /// Forces and sums of `potential` on atoms as they are now. Collective.
  Computed compute(md::Potential& potential, md::Tally::Level level);
  /// Displaces the local atom `id`, if it is here, and refreshes ghosts; the list must still hold.
  void move(std::int64_t id, const Vec3& by);

  md::System& system() { return system_; }
  const NeighborList& list() const { return list_; }
  const md::Domain& domain() const { return domain_; }

 private:
  void return_ghosts(md::Tally& tally) const;
  Computed gather(const md::Tally& tally) const;

  Exec exec_;
  Communicator comm_;
  md::System system_;
  md::Domain domain_;
  NeighborList list_;
};

/// make_system and Workbench in one: `potential` is computed once at the structure's positions.
Computed compute_once(const io::Structure& structure, const Units& units, const Communicator& comm,
                      md::Potential& potential, md::Tally::Level level, double skin,
                      ListShape shape = kPairShape);

/// One frame of a LAMMPS dump (plain or .gz), in order of id: columns by name, "fx", "xu", ...
struct DumpFrame {
  std::vector<std::int64_t> id;
  std::map<std::string, std::vector<double>> column;
  std::vector<Vec3> vectors(const std::string& x, const std::string& y, const std::string& z) const;
};
DumpFrame read_dump(const std::string& file, std::int64_t timestep);

/// The thermo row of `step` of a LAMMPS log, by the names of its columns.
std::map<std::string, double> read_log_row(const std::string& file, std::int64_t step);

/// The largest |a - b| of two lists of vectors, and the root mean square length of `a`.
double largest_difference(const std::vector<Vec3>& a, const std::vector<Vec3>& b);
double root_mean_square(const std::vector<Vec3>& a);

}  // namespace r1::test
