// Trajectory of one run in H5MD 1.1, written by one rank that gets whole frames sorted by atom id.
//
//   trajectory.h5md                 particles/trajectory/{position,image,velocity,force}/{step,time,value}, box/edges, species,
//                                   id, mass, charge; units ps, Angstrom, Angstrom ps-1, kJ mol-1 Angstrom-1 (lj: none)
//   trajectory/0000.h5, 0001.h5 ... once the frames exceed one segment (64 MiB): complete H5MD files of their own; then
//                                   trajectory.h5md is made of virtual data sets over them
//
// Why nothing gets lost: no file is ever changed in place. Each flush writes the last segment anew, with all of its frames,
// and then the master, each by replacement as a whole; a master maps only the rows that were there when it was written, and a
// newer segment begins with the same rows. So at every moment, killed or not, the master shows all frames of a past flush.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/units.hpp"
#include "io/hdf5_output.hpp"
#include "io/structure.hpp"

#include <array>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace r1::io {

enum class StoredPrecision { float64, float32 };  // of position, velocity and force
enum class H5mdField { image, velocity, force };  // beside the position

/// What does not change from frame to frame, in the order of the ids.
struct H5mdSetup {
  UnitStyle style = UnitStyle::metal;
  StoredPrecision precision = StoredPrecision::float64;
  std::vector<H5mdField> fields;
  std::array<bool, 3> periodic{true, true, true};
  std::vector<std::int64_t> id;       // (N) ascending
  std::vector<std::int32_t> species;  // (N) index into species_names
  std::vector<std::string> species_names;
  std::vector<double> mass;    // (N) or empty
  std::vector<double> charge;  // (N) or empty
  Provenance provenance;
};

/// One frame in the run's units, atoms sorted by id. A span that belongs to a field that is not written may be empty.
struct H5mdFrame {
  std::int64_t step = 0;
  double time = 0;
  std::array<Vec3, 3> edges{};     // (3, 3) cell vectors as rows
  std::span<const Vec3> position;  // (N, 3)
  std::span<const Int3> image;     // (N, 3)
  std::span<const Vec3> velocity;  // (N, 3)
  std::span<const Vec3> force;     // (N, 3)
};

class TrajectoryFile {
 public:
  static constexpr std::size_t kSegmentBytes = std::size_t{64} << 20;

  /// A new trajectory. An IoError where `path` exists: remove() it or resume() it.
  TrajectoryFile(std::filesystem::path path, H5mdSetup setup,
                 std::size_t segment_bytes = kSegmentBytes);
  /// Continues after the first `frames` frames of what is there, as a restart from a checkpoint does; later ones are dropped.
  static TrajectoryFile resume(std::filesystem::path path, H5mdSetup setup, std::int64_t frames,
                               std::size_t segment_bytes = kSegmentBytes);
  /// Deletes the trajectory at `path` with its segments, if there is one.
  static void remove(const std::filesystem::path& path);

  /// Copies a frame into the buffer; writes when a segment is full.
  void add(const H5mdFrame& frame);
  /// Afterwards all frames so far are on the disk and the file is closed. Nobody else calls it: not even the destructor.
  void flush();
  /// Frames so far, flushed or not: the number that a checkpoint remembers.
  std::int64_t frames() const { return sealed_rows() + tail_rows_; }

 private:
  using Numbers = std::variant<std::vector<double>, std::vector<float>, std::vector<std::int32_t>,
                               std::vector<std::int64_t>>;
  /// One per-frame array of the segment in progress.
  struct Column {
    std::string name;                // "position/value", below particles/trajectory
    std::vector<std::uint64_t> row;  // extents of one frame
    double factor;                   // from the run's units to H5MD's
    std::string unit;                // of H5MD; empty: none
    Numbers data;                    // (tail_rows_, row)
  };
  enum class Exists { refuse, accept };

  TrajectoryFile(Exists, std::filesystem::path path, H5mdSetup setup, std::size_t segment_bytes);
  void make_columns();
  void check_setup() const;
  void check(const H5mdFrame& frame) const;
  void append(Column& column, const double* values, std::size_t count);
  std::int64_t sealed_rows() const;
  std::size_t tail_bytes() const;
  std::filesystem::path segment_path(std::size_t index) const;
  void write_plain(const std::filesystem::path& path) const;
  void write_master();
  void write_constants(hdf5::Group& root, hdf5::Group& trajectory) const;
  void write_links(hdf5::Group& trajectory) const;
  void seal_if_full();
  bool fits_one_file() const;
  /// Whether the file that is continued holds its frames itself or joins segments.
  enum class Found { plain, joined };
  Found load(std::int64_t frames);
  Found read_segments(const hdf5::Group& root, std::int64_t frames);
  void load_tail(const hdf5::Group& root);
  void load_column(Column& column, const hdf5::Dataset& data) const;
  void make_segment_folder() const;
  void write_tail() const;
  void remove_segments_from(std::size_t index) const;

  std::filesystem::path path_;
  H5mdSetup setup_;
  std::size_t segment_bytes_;
  std::vector<Column> columns_;       // step, time, box edges, position, then the fields
  std::vector<std::int64_t> sealed_;  // rows of each finished segment
  std::int64_t tail_rows_ = 0;        // rows of the segment in progress, all of them in columns_
  enum class State { saved, changed } state_ = State::saved;
};

}  // namespace r1::io
