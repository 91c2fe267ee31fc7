// SPDX-License-Identifier: Apache-2.0
#include "io/read_structure.hpp"

#include "core/error.hpp"
#include "io/extxyz.hpp"

#include <array>
#include <utility>

namespace r1::io {
namespace {

constexpr std::array<std::pair<std::string_view, StructureFormat>, 3> kNames{
    {{"lammps_data", StructureFormat::lammps_data},
     {"extxyz", StructureFormat::extxyz},
     {"checkpoint", StructureFormat::checkpoint}}};

constexpr std::array<std::pair<std::string_view, StructureFormat>, 6> kSuffixes{
    {{".data", StructureFormat::lammps_data},
     {".lmp", StructureFormat::lammps_data},
     {".lammps", StructureFormat::lammps_data},
     {".xyz", StructureFormat::extxyz},
     {".extxyz", StructureFormat::extxyz},
     {".h5", StructureFormat::checkpoint}}};

StructureFormat format_of(const StructureRequest& request) {
  const auto format = request.format ? *request.format : format_of_file(request.file);
  R1_ASSERT(format != StructureFormat::checkpoint);
  return format;
}

}  // namespace

std::vector<std::string> structure_format_names() {
  std::vector<std::string> names;
  for (const auto& [name, format] : kNames) names.emplace_back(name);
  return names;
}

std::optional<StructureFormat> structure_format(std::string_view name) {
  for (const auto& [known, format] : kNames)
    if (known == name) return format;
  return std::nullopt;
}

StructureFormat format_of_file(const std::filesystem::path& file) {
  std::filesystem::path name = file.filename();
  if (name.extension() == ".gz") name = name.stem();
  for (const auto& [suffix, format] : kSuffixes)
    if (name.extension() == suffix) return format;
  if (name.string().rfind("data.", 0) == 0) return StructureFormat::lammps_data;
  throw ConfigError({Diagnostic{
      file.string(), 0, 0,
      "the name does not tell the format, expected .data, .lmp, .lammps, .xyz, .extxyz or .h5 "
      "(also with .gz); else name it by 'format: lammps_data | extxyz | checkpoint'",
      ""}});
}

Structure read_structure(const StructureRequest& request) {
  if (format_of(request) == StructureFormat::lammps_data)
    return read_lammps_data(request.file, request.atom_style);
  if (request.frame) return read_extxyz(request.file, *request.frame, request.species);
  return read_only_frame(request.file, request.species);
}

StructureHeader read_structure_header(const StructureRequest& request) {
  if (format_of(request) == StructureFormat::lammps_data)
    return read_lammps_data_header(request.file);
  return read_extxyz_header(request.file);
}

}  // namespace r1::io
