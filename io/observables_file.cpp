// observables.h5: see observables_file.hpp for the layout.
// SPDX-License-Identifier: Apache-2.0
#include "io/observables_file.hpp"

#include "core/error.hpp"

namespace r1::io {

namespace {

constexpr int kFormatVersion = 1;

ObservableColumn column(std::string name, std::string unit, std::span<const double> values) {
  return {std::move(name),
          std::move(unit),
          {values.size()},
          std::vector<double>(values.begin(), values.end())};
}

std::string unit_of(UnitStyle style, Quantity quantity) {
  return std::string(unit_text(style, quantity));
}

// Creates every group of "rdf/Cu-Cu" that is not there yet.
hdf5::Group make_group(hdf5::Group& root, const std::string& path) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (!root.has(part)) root.create_group(part);
  }
  return root.group(path);
}

void write_table(hdf5::Group& root, const ObservableTable& table) {
  hdf5::Group group = make_group(root, table.group);
  group.set_text("description", table.sentence);
  for (const auto& [name, count] : table.counts) group.set_number<std::int64_t>(name, count);
  for (const ObservableColumn& item : table.columns) {
    const std::size_t folder = item.name.rfind('/');
    if (folder != std::string::npos)
      make_group(root, table.group + "/" + item.name.substr(0, folder));
    hdf5::Dataset made = std::visit(
        [&](const auto& data) {
          using T = typename std::remove_cvref_t<decltype(data)>::value_type;
          return group.write<T>(item.name, std::span<const T>(data), item.shape);
        },
        item.data);
    if (!item.unit.empty()) made.set_text("unit", item.unit);
  }
}

}  // namespace

ObservableTable rdf_table(UnitStyle style, const std::string& pair, std::span<const double> r,
                          std::span<const double> g, std::int64_t frames) {
  R1_ASSERT(r.size() == g.size());
  return {"rdf/" + pair,
          "Radial distribution function; r is the middle of a bin.",
          {column("r", unit_of(style, Quantity::length), r), column("g", "", g)},
          {{"frames", frames}}};
}

ObservableTable msd_table(UnitStyle style, std::span<const std::int64_t> step,
                          std::span<const double> time, std::span<const double> total,
                          std::span<const MsdCurve> species) {
  R1_ASSERT(step.size() == time.size() && step.size() == total.size());
  const std::string length = unit_of(style, Quantity::length);
  const std::string area = length.empty() ? "" : length + "^2";
  ObservableTable table{"msd", "Mean squared displacement from the first row's positions.", {}, {}};
  table.columns.push_back(
      {"step", "", {step.size()}, std::vector<std::int64_t>(step.begin(), step.end())});
  table.columns.push_back(column("time", unit_of(style, Quantity::time), time));
  table.columns.push_back(column("total", area, total));
  for (const MsdCurve& curve : species) {
    R1_ASSERT(curve.values.size() == step.size());
    table.columns.push_back(column("species/" + curve.species, area, curve.values));
  }
  return table;
}

void write_observables(const std::filesystem::path& path, const Provenance& provenance,
                       std::span<const ObservableTable> tables) {
  replace_hdf5_file(path, [&](hdf5::Group& root) {
    write_provenance(root, provenance, "r1 observables", kFormatVersion);
    for (const ObservableTable& table : tables) write_table(root, table);
  });
}

}  // namespace r1::io
