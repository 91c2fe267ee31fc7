// SPDX-License-Identifier: Apache-2.0
#include "md/setup/structure_file.hpp"

#include "core/text.hpp"
#include "io/read_structure.hpp"
#include "md/setup/checkpoint_structure.hpp"
#include "md/setup/species.hpp"

namespace r1::md {
namespace {

io::StructureFormat format_of(const io::Config& structure) {
  if (structure.has("format")) return *io::structure_format(structure["format"].text());
  return io::format_of_file(structure["file"].path());
}

io::StructureRequest request_of(const io::Config& system) {
  const auto structure = system["structure"];
  io::StructureRequest request;
  request.file = structure["file"].path();
  request.format = format_of(structure);
  if (structure.has("atom_style"))
    request.atom_style = io::atom_style(structure["atom_style"].text());
  if (structure.has("frame")) request.frame = structure["frame"].integer();
  request.species = listed_species(system);
  return request;
}

io::StructureUnits units_of(io::StructureFormat format) {
  return format == io::StructureFormat::extxyz ? io::StructureUnits::ase
                                               : io::StructureUnits::style;
}

void scale(io::Vec3& v, double factor) {
  for (double& c : v) c *= factor;
}

/// Converts what a run uses; labels are left as they are.
void convert_cell(io::Cell& cell, double length) {
  for (auto& v : cell.vectors) scale(v, length);
  scale(cell.origin, length);
}
void convert(io::Structure& s, UnitStyle style) {
  if (s.units == io::StructureUnits::style) return;
  const double length = 1 / to_metal(style, Quantity::length);
  const double velocity = 1 / to_metal(style, Quantity::velocity);
  if (s.cell) convert_cell(*s.cell, length);
  for (auto& x : s.position) scale(x, length);
  for (auto& v : s.velocity) scale(v, velocity);
}

std::string words(const std::array<bool, 3>& flags) {
  std::string text;
  for (const bool flag : flags)
    text += (text.empty() ? "[" : ", ") + std::string(flag ? "true" : "false");
  return text + ']';
}

/// Periodic directions from the input, which must not contradict a file that has its own.
void settle_cell(const io::Config& system, io::StructureFormat format,
                 std::optional<io::Cell>& cell) {
  if (!cell) {
    system["structure"]["file"].fault(
        "the file gives no cell; add one, e.g. Lattice=\"10 0 0 0 10 0 0 0 10\" pbc=\"T T T\" to "
        "the "
        "comment line (pbc=\"F F F\" for a cluster: atoms may leave an open cell)");
    return;
  }
  if (!system.has("periodic")) return;
  std::array<bool, 3> wanted{};
  const auto items = system["periodic"].items();
  for (std::size_t d = 0; d < 3; ++d) wanted[d] = items[d].boolean();
  // LAMMPS data says nothing of periodicity.
  if (format != io::StructureFormat::lammps_data && wanted != cell->periodic)
    system["periodic"].fault("the structure file says " + words(cell->periodic) +
                             "; change one of them, or leave 'periodic' out");
  cell->periodic = wanted;
}

void refuse_bonds(const io::Config& file, const io::Structure& s) {
  std::vector<std::string> found;
  const auto note = [&](std::size_t n, const char* what) {
    if (n > 0) found.push_back(std::to_string(n) + ' ' + what);
  };
  note(s.bonds.size(), "bonds");
  note(s.angles.size(), "angles");
  note(s.dihedrals.size(), "dihedrals");
  note(s.impropers.size(), "impropers");
  if (!found.empty())
    file.fault(
        "the file has " + joined(found) +
        ", but bonded forces are not available in this version; use a structure without bonds");
}

}  // namespace

io::Structure read_structure_file(const io::Config& system, const Units& units) {
  auto& document = *system.document();
  io::Structure structure;
  document.check();
  try {
    const auto request = request_of(system);
    structure = *request.format == io::StructureFormat::checkpoint
                    ? read_checkpoint_structure(request.file, units.style)
                    : io::read_structure(request);
    settle_cell(system, *request.format, structure.cell);
  } catch (const ConfigError& error) {
    // fail() has recorded its own; a reader's are of another file.
    if (document.faults() == 0) system["structure"]["file"].fault(error);
    document.check();
  }
  const auto file = system["structure"]["file"];
  if (structure.size() == 0) file.fault("the file holds no atoms");
  refuse_bonds(file, structure);
  document.check();
  convert(structure, units.style);
  return structure;
}

std::optional<io::StructureHeader> read_structure_file_header(const io::Config& system,
                                                              const Units& units) {
  auto& document = *system.document();
  const std::size_t before = document.faults();
  try {
    const auto request = request_of(system);
    auto header = *request.format == io::StructureFormat::checkpoint
                      ? read_checkpoint_structure_header(request.file, units.style)
                      : io::read_structure_header(request);
    settle_cell(system, *request.format, header.cell);
    if (header.cell && units_of(*request.format) == io::StructureUnits::ase)
      convert_cell(*header.cell, 1 / to_metal(units.style, Quantity::length));
    const bool names_by_atom = *request.format == io::StructureFormat::extxyz;
    if (names_by_atom && !request.species.empty()) header.species = request.species;
    return header;
  } catch (const ConfigError& error) {
    if (document.faults() == before) system["structure"]["file"].fault(error);
    return std::nullopt;
  }
}

}  // namespace r1::md
