// Structure files by format: told apart by the file's name, or by a word where the name does not tell. ".gz" is looked through.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/lammps_data.hpp"
#include "io/structure.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::io {

enum class StructureFormat {
  lammps_data,  // *.data, *.lmp, *.lammps, data.*
  extxyz,       // *.xyz, *.extxyz
  checkpoint,   // *.h5: read by the program that wrote it, not here
};

/// "lammps_data", "extxyz", "checkpoint": the words for `format:`.
std::vector<std::string> structure_format_names();
std::optional<StructureFormat> structure_format(std::string_view name);

/// By the file's name; a name that does not tell is a ConfigError, which lists the formats.
StructureFormat format_of_file(const std::filesystem::path& file);

struct StructureRequest {
  std::filesystem::path file;
  std::optional<StructureFormat> format;  // none: by the file's name
  std::optional<AtomStyle> atom_style;    // of LAMMPS data without "Atoms # style"
  std::optional<std::int64_t> frame;      // of extxyz; none: the file must have exactly one
  std::vector<std::string>
      species;  // order of types for files that name species; empty: of first appearance
};

/// Reads LAMMPS data or extxyz; a checkpoint is an internal error here.
Structure read_structure(const StructureRequest& request);

/// Count, cell and, as far as they stand near the start, species: quick whatever the file's size.
StructureHeader read_structure_header(const StructureRequest& request);

}  // namespace r1::io
