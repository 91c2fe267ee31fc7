// A structure as files give it: the neutral form that readers fill and that md and ml take. Units are named, never implied.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace r1::io {

using Vec3 = std::array<double, 3>;
using Int3 = std::array<std::int32_t, 3>;

/// Cell vectors as rows a, b, c, with the position of the corner from which fractional coordinates count.
struct Cell {
  std::array<Vec3, 3> vectors{};                   // (3, 3) [length]
  Vec3 origin{};                                   // (3)    [length]
  std::array<bool, 3> periodic{true, true, true};  // along a, b, c
};

/// Which units the numbers of a structure are in.
enum class StructureUnits {
  style,  // those of the run's `units:` (LAMMPS data)
  ase,    // Å, eV, Å/ps, eV/Å, u, e (our extxyz)
};

struct Bond {
  std::int32_t type;
  std::vector<std::int64_t>
      atoms;  // ids: 2 for a bond, 3 for an angle, 4 for a dihedral or an improper
};

/// N atoms. Optional arrays are empty where the file has none; else they have N entries.
struct Structure {
  std::string source;  // path, for messages
  StructureUnits units = StructureUnits::style;
  std::optional<Cell> cell;            // absent: the file gives none
  std::vector<std::int64_t> id;        // (N) > 0, unique
  std::vector<std::int32_t> type;      // (N) index into `species`, from 0
  std::vector<Vec3> position;          // (N, 3) as written: not wrapped
  std::vector<Int3> image;             // (N, 3) periodic images along a, b, c; may be empty
  std::vector<Vec3> velocity;          // (N, 3); may be empty
  std::vector<Vec3> force;             // (N, 3) labels; may be empty
  std::vector<double> charge;          // (N) [e]; may be empty
  std::vector<std::int64_t> molecule;  // (N); may be empty
  std::vector<std::string>
      species;                   // (types) names; "1", "2", ... where the file only numbers types
  std::vector<double> mass;      // (types) [u]; 0 where the file gives none; may be empty
  std::optional<double> energy;  // label
  std::optional<std::array<double, 9>> stress;  // label, row-major
  std::vector<Bond> bonds, angles, dihedrals, impropers;
  std::map<std::string, std::string> info;  // further key=value pairs of an extxyz comment line

  std::size_t size() const { return id.size(); }
};

/// What can be learned from a file without reading its atoms.
struct StructureHeader {
  std::int64_t atoms = 0;
  std::vector<std::string> species;  // may be empty where only the atoms' lines would tell
  std::optional<Cell> cell;
};

}  // namespace r1::io
