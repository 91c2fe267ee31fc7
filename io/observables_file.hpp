// observables.h5: results of a run that are no trajectory and no thermodynamics. Groups of columns, each with its unit; the
// file is small and replaced as a whole at every write, so a reader never meets a half of it.
//   /rdf/<A-B>/{r, g}     r: centres of the bins; g(r) averaged over `frames` frames (attribute)
//   /msd/{step, time, total, species/<name>}
// Units are those of the run (inputs: lj | metal | real), in attributes `unit`; lj has none.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/units.hpp"
#include "io/hdf5_output.hpp"

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace r1::io {

/// One array: a column of `rows` numbers, or rows x columns where shape has two extents.
struct ObservableColumn {
  std::string name;                  // "r", "species/Cu"
  std::string unit;                  // "" where there is none
  std::vector<std::uint64_t> shape;  // (rows) or (rows, columns)
  std::variant<std::vector<double>, std::vector<std::int64_t>> data;
};

/// A group of columns, with a sentence on what they are and counts that belong to them.
struct ObservableTable {
  std::string group;  // "rdf/Cu-Cu", "msd"
  std::string sentence;
  std::vector<ObservableColumn> columns;
  std::vector<std::pair<std::string, std::int64_t>> counts;  // attributes, e.g. {"frames", 100}
};

/// Radial distribution function of one pair of species ("Cu-Cu", or "all").
ObservableTable rdf_table(UnitStyle style, const std::string& pair, std::span<const double> r,
                          std::span<const double> g, std::int64_t frames);

/// One curve of an msd table: of one species.
struct MsdCurve {
  std::string species;
  std::span<const double> values;  // [length^2]
};
ObservableTable msd_table(UnitStyle style, std::span<const std::int64_t> step,
                          std::span<const double> time, std::span<const double> total,
                          std::span<const MsdCurve> species);

/// Makes `path` the file that holds these tables and nothing else.
void write_observables(const std::filesystem::path& path, const Provenance& provenance,
                       std::span<const ObservableTable> tables);

}  // namespace r1::io
