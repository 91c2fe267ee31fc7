// LAMMPS data files. A title line; header lines "4000 atoms", "1 atom types", "0 16.8 xlo xhi", "xy xz yz"; then sections, each a
// heading and as many lines as the header counts. Box a = (lx, 0, 0), b = (xy, ly, 0), c = (xz, yz, lz), origin (xlo, ylo, zlo).
// Read: Masses, Atoms (atomic, charge, molecular = bond = angle, full), Velocities (behind Atoms), Bonds, Angles, Dihedrals,
// Impropers, Atom Type Labels. Any other section is refused by name. Every atom needs its own id > 0 and a type in range; ids
// need not be contiguous; positions may lie out of the box. The format does not say which directions are periodic: the cell's
// `periodic` is true throughout, and the caller sets it.
// Reference: LAMMPS documentation, command read_data.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/structure.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace r1::io {

/// Columns of the section Atoms, without images.
enum class AtomStyle {
  atomic,     // id type x y z
  charge,     // id type q x y z
  molecular,  // id molecule type x y z
  full,       // id molecule type q x y z
};

/// By LAMMPS' name ("bond" and "angle" have the columns of molecular); none for any other style.
std::optional<AtomStyle> atom_style(std::string_view name);
std::string_view name(AtomStyle style);

/// Atoms in the file's order; species are the type labels, else "1", "2", ...; types of bonds count from 0 as those of atoms do.
/// `style` is needed where the file has no comment "Atoms # style"; where both are there, they must agree.
Structure read_lammps_data(const std::filesystem::path& file, std::optional<AtomStyle> style = {});

/// The same from a buffer that is named `source` in messages.
Structure parse_lammps_data(std::string_view text, const std::string& source,
                            std::optional<AtomStyle> style = {});

/// Counts, box and species from the start of the file.
StructureHeader read_lammps_data_header(const std::filesystem::path& file);

}  // namespace r1::io
