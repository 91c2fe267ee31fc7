// What our HDF5 outputs have in common: their origin in the root's attributes, and replacement as a whole. A file is built in
// memory, written under a temporary name beside the old one, brought to the disk, then renamed over it: a reader meets the old
// file or the new one, both closed, and a crash or a full disk at any moment leaves one of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/hdf5.hpp"

#include <filesystem>
#include <functional>
#include <string>

namespace r1::io {

/// Which program made a file, from what.
struct Provenance {
  std::string creator;  // "r1md"
  std::string creator_version;
  std::string git_sha;      // empty: not known, and not written
  std::string created_utc;  // "2025-01-31T12:00:00Z"
  std::string input_yaml;   // text of the input
};

/// The time now in the form of Provenance::created_utc.
std::string utc_now();

/// Sets the root's attributes creator, creator_version, format, format_version, created_utc, input_yaml, git_sha.
void write_provenance(hdf5::Group& root, const Provenance& provenance, const std::string& format,
                      int format_version);

/// Makes `path` the file that `fill` writes. On any error the old file stays and the temporary one is removed.
void replace_hdf5_file(const std::filesystem::path& path,
                       const std::function<void(hdf5::Group& root)>& fill);

}  // namespace r1::io
