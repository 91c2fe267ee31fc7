// H5MD trajectory: see h5md.hpp for layout and safety.
// SPDX-License-Identifier: Apache-2.0
#include "io/h5md.hpp"

#include "core/error.hpp"
#include "io/foreign_hdf5.hpp"

#include <algorithm>
#include <cstdio>
#include <system_error>
#include <type_traits>

namespace r1::io {

namespace {

constexpr int kFormatVersion = 1;
constexpr const char* kParticles = "particles/trajectory";
constexpr std::uint64_t kMostElements = std::uint64_t{1}
                                        << 27;  // of frames that are read back: 1 GiB
constexpr const char* kSegments =
    "segment_rows";  // attribute of a master: rows that it maps of each segment

const char* group_of(H5mdField field) {
  switch (field) {
    case H5mdField::image:
      return "image";
    case H5mdField::velocity:
      return "velocity";
    case H5mdField::force:
      return "force";
  }
  return "";
}

hdf5::Shape with_rows(std::int64_t rows, const hdf5::Shape& row) {
  hdf5::Shape shape{static_cast<std::uint64_t>(rows)};
  shape.insert(shape.end(), row.begin(), row.end());
  return shape;
}

const double* flat(std::span<const Vec3> values) {
  return values.empty() ? nullptr : values[0].data();
}

template <class T>
hdf5::Dataset write_all(hdf5::Group& group, const std::string& name, const std::vector<T>& values,
                        const hdf5::Shape& shape) {
  return group.write<T>(name, std::span<const T>(values), shape);
}

}  // namespace

TrajectoryFile::TrajectoryFile(std::filesystem::path path, H5mdSetup setup,
                               std::size_t segment_bytes)
    : TrajectoryFile(Exists::refuse, std::move(path), std::move(setup), segment_bytes) {}

TrajectoryFile::TrajectoryFile(Exists exists, std::filesystem::path path, H5mdSetup setup,
                               std::size_t segment_bytes)
    : path_(std::move(path)), setup_(std::move(setup)), segment_bytes_(segment_bytes) {
  if (exists == Exists::refuse && std::filesystem::exists(path_))
    throw IoError(path_.string() +
                  ": a trajectory is there already; continue it or remove it first");
  check_setup();
  make_columns();
}

void TrajectoryFile::check_setup() const {
  const std::size_t atoms = setup_.id.size();
  R1_ASSERT(std::is_sorted(setup_.id.begin(), setup_.id.end()));
  R1_ASSERT(setup_.species.size() == atoms);
  R1_ASSERT(setup_.mass.empty() || setup_.mass.size() == atoms);
  R1_ASSERT(setup_.charge.empty() || setup_.charge.size() == atoms);
}

void TrajectoryFile::make_columns() {
  const bool unitless = setup_.style == UnitStyle::lj;
  const std::uint64_t atoms = setup_.id.size();
  const auto column = [&](std::string name, hdf5::Shape row, Quantity quantity, const char* unit,
                          Numbers data) {
    const double factor = quantity == Quantity::number ? 1.0 : to_h5md(setup_.style, quantity);
    columns_.push_back(
        {std::move(name), std::move(row), factor, unitless ? "" : unit, std::move(data)});
  };
  const auto reals = [&]() -> Numbers {
    if (setup_.precision == StoredPrecision::float32) return std::vector<float>();
    return std::vector<double>();
  };
  column("position/step", {}, Quantity::number, "", std::vector<std::int64_t>());
  column("position/time", {}, Quantity::time, "ps", std::vector<double>());
  column("box/edges/value", {3, 3}, Quantity::length, "Angstrom", std::vector<double>());
  column("position/value", {atoms, 3}, Quantity::length, "Angstrom", reals());
  for (const H5mdField field : setup_.fields) {
    const std::string name = std::string(group_of(field)) + "/value";
    if (field == H5mdField::image)
      column(name, {atoms, 3}, Quantity::number, "", std::vector<std::int32_t>());
    else if (field == H5mdField::velocity)
      column(name, {atoms, 3}, Quantity::velocity, "Angstrom ps-1", reals());
    else
      column(name, {atoms, 3}, Quantity::force, "kJ mol-1 Angstrom-1", reals());
  }
}

void TrajectoryFile::check(const H5mdFrame& frame) const {
  const std::size_t atoms = setup_.id.size();
  R1_ASSERT(frame.position.size() == atoms);
  for (const H5mdField field : setup_.fields) {
    if (field == H5mdField::image) R1_ASSERT(frame.image.size() == atoms);
    if (field == H5mdField::velocity) R1_ASSERT(frame.velocity.size() == atoms);
    if (field == H5mdField::force) R1_ASSERT(frame.force.size() == atoms);
  }
}

// A factor of 1 leaves every bit as it is.
void TrajectoryFile::append(Column& column, const double* values, std::size_t count) {
  std::visit(
      [&](auto& data) {
        using T = typename std::remove_reference_t<decltype(data)>::value_type;
        if constexpr (std::is_floating_point_v<T>) {
          data.reserve(data.size() + count);
          for (std::size_t i = 0; i < count; ++i)
            data.push_back(static_cast<T>(values[i] * column.factor));
        }
      },
      column.data);
}

void TrajectoryFile::add(const H5mdFrame& frame) {
  check(frame);
  const std::size_t numbers = 3 * setup_.id.size();
  std::get<std::vector<std::int64_t>>(columns_[0].data).push_back(frame.step);
  append(columns_[1], &frame.time, 1);
  append(columns_[2], frame.edges[0].data(), 9);
  append(columns_[3], flat(frame.position), numbers);
  for (std::size_t i = 0; i < setup_.fields.size(); ++i) {
    Column& column = columns_[4 + i];
    if (setup_.fields[i] == H5mdField::image) {
      auto& data = std::get<std::vector<std::int32_t>>(column.data);
      for (const Int3& image : frame.image) data.insert(data.end(), image.begin(), image.end());
    } else {
      append(column, flat(setup_.fields[i] == H5mdField::velocity ? frame.velocity : frame.force),
             numbers);
    }
  }
  ++tail_rows_;
  state_ = State::changed;
  if (tail_bytes() >= segment_bytes_) flush();
}

bool TrajectoryFile::fits_one_file() const {
  return sealed_.empty() && tail_bytes() < segment_bytes_;
}

void TrajectoryFile::flush() {
  if (state_ == State::saved) return;
  if (fits_one_file()) {
    write_plain(path_);
  } else {
    write_tail();
    write_master();
  }
  state_ = State::saved;
  seal_if_full();
}

void TrajectoryFile::write_tail() const {
  if (tail_rows_ == 0) return;
  const std::filesystem::path folder = segment_path(0).parent_path();
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) throw IoError(folder.string() + ": cannot be created: " + error.message());
  write_plain(segment_path(sealed_.size()));
}

void TrajectoryFile::seal_if_full() {
  if (tail_bytes() < segment_bytes_) return;
  sealed_.push_back(tail_rows_);
  tail_rows_ = 0;
  for (Column& column : columns_) std::visit([](auto& data) { data.clear(); }, column.data);
}

std::int64_t TrajectoryFile::sealed_rows() const {
  std::int64_t rows = 0;
  for (const std::int64_t segment : sealed_) rows += segment;
  return rows;
}

std::size_t TrajectoryFile::tail_bytes() const {
  std::size_t bytes = 0;
  for (const Column& column : columns_)
    bytes +=
        std::visit([](const auto& data) { return data.size() * sizeof(data[0]); }, column.data);
  return bytes;
}

std::filesystem::path TrajectoryFile::segment_path(std::size_t index) const {
  char name[32];
  std::snprintf(name, sizeof name, "%04zu.h5", index);
  return path_.parent_path() / path_.stem() / name;
}

// Files

void TrajectoryFile::write_constants(hdf5::Group& root, hdf5::Group& trajectory) const {
  write_provenance(root, setup_.provenance, "H5MD trajectory", kFormatVersion);
  const std::array<std::int32_t, 2> h5md_version{1, 1}, units_version{1, 0};
  hdf5::Group h5md = root.create_group("h5md");
  h5md.set_numbers<std::int32_t>("version", h5md_version);
  h5md.create_group("author").set_text("name", "N/A");
  hdf5::Group creator = h5md.create_group("creator");
  creator.set_text("name", setup_.provenance.creator);
  creator.set_text("version", setup_.provenance.creator_version);
  const bool unitless = setup_.style == UnitStyle::lj;
  if (!unitless)
    h5md.create_group("modules").create_group("units").set_numbers<std::int32_t>("version",
                                                                                 units_version);

  hdf5::Group box = trajectory.create_group("box");
  box.set_number<std::int32_t>("dimension", 3);
  std::vector<std::string> boundary;
  for (const bool periodic : setup_.periodic) boundary.emplace_back(periodic ? "periodic" : "none");
  box.set_texts("boundary", boundary);
  box.create_group("edges");

  const hdf5::Shape atoms{setup_.id.size()};
  write_all(trajectory, "id", setup_.id, atoms);
  write_all(trajectory, "species", setup_.species, atoms).set_texts("names", setup_.species_names);
  for (const bool is_mass : {true, false}) {
    const std::vector<double>& values = is_mass ? setup_.mass : setup_.charge;
    if (values.empty()) continue;
    hdf5::Dataset made = write_all(trajectory, is_mass ? "mass" : "charge", values, atoms);
    if (!unitless) made.set_text("unit", is_mass ? "u" : "e");
  }
}

// All arrays of a frame share one step and one time, so they are the same data sets under further names.
void TrajectoryFile::write_links(hdf5::Group& trajectory) const {
  std::vector<std::string> groups{"box/edges"};
  for (const H5mdField field : setup_.fields) groups.emplace_back(group_of(field));
  for (const std::string& group : groups)
    for (const char* what : {"step", "time"})
      trajectory.link(std::string("position/") + what, group + "/" + what);
}

void TrajectoryFile::write_plain(const std::filesystem::path& path) const {
  replace_hdf5_file(path, [&](hdf5::Group& root) {
    hdf5::Group trajectory = root.create_group("particles").create_group("trajectory");
    write_constants(root, trajectory);
    trajectory.create_group("position");
    for (const H5mdField field : setup_.fields) trajectory.create_group(group_of(field));
    for (const Column& column : columns_) {
      hdf5::Dataset made = std::visit(
          [&](const auto& data) {
            return write_all(trajectory, column.name, data, with_rows(tail_rows_, column.row));
          },
          column.data);
      if (!column.unit.empty()) made.set_text("unit", column.unit);
    }
    write_links(trajectory);
  });
}

void TrajectoryFile::write_master() {
  std::vector<std::int64_t> rows = sealed_;
  if (tail_rows_ > 0) rows.push_back(tail_rows_);
  replace_hdf5_file(path_, [&](hdf5::Group& root) {
    root.set_numbers<std::int64_t>(kSegments, rows);
    hdf5::Group trajectory = root.create_group("particles").create_group("trajectory");
    write_constants(root, trajectory);
    trajectory.create_group("position");
    for (const H5mdField field : setup_.fields) trajectory.create_group(group_of(field));
    for (const Column& column : columns_) {
      std::vector<hdf5::VirtualPart> parts;
      std::int64_t first = 0;
      for (std::size_t i = 0; i < rows.size(); first += rows[i++])
        parts.push_back({(path_.stem() / segment_path(i).filename()).string(),
                         std::string("/") + kParticles + "/" + column.name,
                         static_cast<std::uint64_t>(first), static_cast<std::uint64_t>(rows[i])});
      const hdf5::Element element = std::visit(
          [](const auto& data) {
            return hdf5::element_of<typename std::remove_cvref_t<decltype(data)>::value_type>();
          },
          column.data);
      hdf5::Dataset made =
          trajectory.create_virtual(column.name, element, with_rows(first, column.row), parts);
      if (!column.unit.empty()) made.set_text("unit", column.unit);
    }
    write_links(trajectory);
  });
}

// Restart

TrajectoryFile TrajectoryFile::resume(std::filesystem::path path, H5mdSetup setup,
                                      std::int64_t frames, std::size_t segment_bytes) {
  TrajectoryFile made(Exists::accept, std::move(path), std::move(setup), segment_bytes);
  if (frames == 0) {
    remove(made.path_);
    return made;
  }
  const Found found = made.load(frames);
  std::size_t used = 0;
  if (made.fits_one_file()) {
    made.write_plain(made.path_);
  } else {
    // A shorter master is true of the longer segments that are there; the longer one would not be true of shorter segments.
    if (found == Found::plain) made.write_tail();
    made.write_master();
    if (found == Found::joined) made.write_tail();
    used = made.sealed_.size() + (made.tail_rows_ > 0 ? 1 : 0);
  }
  made.remove_segments_from(used);
  made.seal_if_full();
  return made;
}

// Every segment but the last that is listed, or that holds the cut, is finished.
TrajectoryFile::Found TrajectoryFile::read_segments(const hdf5::Group& root, std::int64_t frames) {
  if (!root.has_attribute(kSegments)) return Found::plain;
  const std::vector<std::int64_t> rows = root.numbers<std::int64_t>(kSegments);
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    if (rows[i] <= 0)
      throw IoError(path_.string() + ": lists a segment without frames; the file is damaged");
    if (rows[i] > frames - sealed_rows()) break;
    sealed_.push_back(rows[i]);
  }
  return Found::joined;
}

TrajectoryFile::Found TrajectoryFile::load(std::int64_t frames) {
  check_foreign_hdf5(path_);
  const hdf5::File file = hdf5::File::open_to_read(path_);
  const hdf5::Group root = file.root();
  const Found found = read_segments(root, frames);
  tail_rows_ = frames - sealed_rows();
  if (found == Found::plain) {
    load_tail(root);
  } else if (tail_rows_ > 0) {
    // Not through the master, which would choose the files that are read, and give NaN for one that is missing.
    const auto segment = segment_path(sealed_.size());
    check_foreign_hdf5(segment);
    const hdf5::File joined = hdf5::File::open_to_read(segment);
    load_tail(joined.root());
  }
  return found;
}

void TrajectoryFile::load_tail(const hdf5::Group& root) {
  const hdf5::Group trajectory = root.group(kParticles);
  for (Column& column : columns_) load_column(column, trajectory.dataset(column.name));
}

void TrajectoryFile::load_column(Column& column, const hdf5::Dataset& data) const {
  hdf5::Shape shape = data.shape();
  if (shape.empty() ||
      !std::equal(shape.begin() + 1, shape.end(), column.row.begin(), column.row.end()))
    throw IoError(data.file() + ": '" + column.name +
                  "' does not fit this run's atoms; the file is of another run");
  if (shape[0] < static_cast<std::uint64_t>(tail_rows_))
    throw IoError(data.file() + ": holds " + std::to_string(shape[0]) +
                  " frames where the checkpoint counts " + std::to_string(tail_rows_) +
                  "; restart from an older checkpoint, or start anew");
  shape[0] = static_cast<std::uint64_t>(tail_rows_);
  const std::uint64_t limit = std::max(kMostElements, hdf5::element_count(column.row));
  std::visit(
      [&](auto& numbers) {
        using T = typename std::remove_reference_t<decltype(numbers)>::value_type;
        if (data.element() != hdf5::element_of<T>())
          throw IoError(data.file() + ": '" + column.name +
                        "' is stored in another precision than this run's");
        numbers = data.read<T>(hdf5::Shape(shape.size(), 0), shape, limit);
      },
      column.data);
}

void TrajectoryFile::remove(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::remove(path, error);  // the master first: segments without it are nobody's
  if (error) throw IoError(path.string() + ": cannot be removed: " + error.message());
  H5mdSetup nothing;
  TrajectoryFile(Exists::accept, path, nothing, kSegmentBytes).remove_segments_from(0);
}

void TrajectoryFile::remove_segments_from(std::size_t index) const {
  std::error_code error;
  while (std::filesystem::remove(segment_path(index++), error)) {
  }
  if (error)
    throw IoError(segment_path(index - 1).string() + ": cannot be removed: " + error.message());
  std::filesystem::remove(segment_path(0).parent_path(),
                          error);  // succeeds where it is empty, which is the point
}

}  // namespace r1::io
