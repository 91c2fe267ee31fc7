// Writers of trajectory frames, one per file format. They live on rank 0 and get whole frames by ascending id in the run's units.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/h5md.hpp"
#include "md/output/gather.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace r1::md {

/// What is known of a frame beside its atoms.
struct FrameInfo {
  std::int64_t step = 0;
  double time = 0;  // [time]
  const Box& box;
  const std::vector<Species>& species;
  UnitStyle style;
};

class FrameWriter {
 public:
  virtual ~FrameWriter() = default;
  virtual void write(const AtomFrame& frame, const FrameInfo& info) = 0;
  virtual void flush() = 0;
  /// flush(), and no more frames.
  virtual void close() { flush(); }
  /// How far the file is: a count that the maker of this writer takes as `keep` to continue it.
  virtual std::int64_t position() const = 0;
};

/// trajectory.h5md; `fields` beside the position. The file is made by the first flush or full segment. Position: frames. `keep`: none
/// starts anew, else later frames are dropped.
std::unique_ptr<FrameWriter> make_h5md_writer(std::filesystem::path file, FrameFields fields,
                                              io::StoredPrecision precision,
                                              io::Provenance provenance,
                                              std::optional<std::int64_t> keep = std::nullopt);
/// trajectory.xyz: eV, Å, Å/ps (lj: reduced), 17 digits. Position: bytes.
std::unique_ptr<FrameWriter> make_extxyz_writer(const std::filesystem::path& file,
                                                std::optional<std::int64_t> keep = std::nullopt);

/// The frame in the units of extxyz (lj: reduced).
io::Structure to_structure(const AtomFrame& frame, const FrameInfo& info);

}  // namespace r1::md
