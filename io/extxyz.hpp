// Extended XYZ: frames of a count, a comment line of key=value pairs and one line per atom, laid out by Properties. Also plain XYZ
// (no Lattice, no Properties: a species and three coordinates a line, no cell). Units Å, eV, Å/ps, eV/Å, u, e; under lj reduced.
// Columns read: species, pos, vel (velo, velocities), momenta (ASE's unit, with masses), forces (force), charge(s), mass(es), id;
// names of other columns go into info["ignored_columns"]. Keys read: Lattice (a, b, c), pbc (default: all true with a Lattice),
// Origin, energy, stress (9 numbers, or 6 as xx yy zz yz xz xy, eV/Å^3), virial (eV; gives stress = -virial/volume without a
// stress), in any case of letters; all others go into `info` as text.
// Reference: https://github.com/libAtoms/extxyz
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/structure.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace r1::io {

/// Frames of a file in turn.
class ExtxyzReader {
 public:
  /// `species`: names in the order of types; a name that is not in it is a fault. Empty: the order of first appearance, in each
  /// frame anew.
  explicit ExtxyzReader(const std::filesystem::path& file, std::vector<std::string> species = {});
  /// Reads `text`, named `source` in messages.
  ExtxyzReader(std::string source, std::string text, std::vector<std::string> species);
  ExtxyzReader(ExtxyzReader&&) noexcept;
  ExtxyzReader& operator=(ExtxyzReader&&) noexcept;
  ~ExtxyzReader();

  /// The next frame, or none behind the last. Faults of a frame are thrown together.
  std::optional<Structure> next();
  /// Passes over a frame without reading its atoms; false behind the last.
  bool skip();
  /// Count and cell of the next frame; its atoms are not read. Only one of header(), next() and skip() serves a frame.
  StructureHeader header();

 private:
  class State;
  std::unique_ptr<State> state_;
};

/// Frame `frame` of a file: from 0, or from -1 (the last) downwards.
Structure read_extxyz(const std::filesystem::path& file, std::int64_t frame = 0,
                      std::vector<std::string> species = {});
/// The only frame of a file; a file of several is a ConfigError, which asks for one of them.
Structure read_only_frame(const std::filesystem::path& file, std::vector<std::string> species = {});
std::vector<Structure> read_all_frames(const std::filesystem::path& file,
                                       std::vector<std::string> species = {});

/// The first frame's count and cell, and its species if they stand near the start of the file.
StructureHeader read_extxyz_header(const std::filesystem::path& file);

/// What a trajectory adds to a frame.
struct FrameTime {
  std::int64_t step;
  double time;  // [ps]
};

/// Appends a frame to `text`: atoms by ascending id, 17 digits, columns species, pos, vel, forces, charge, id as far as the
/// structure has them. The structure is in the units of the format already. Names and info need no escape to be read back.
void append_extxyz(std::string& text, const Structure& structure,
                   const std::optional<FrameTime>& when = {});

}  // namespace r1::io
