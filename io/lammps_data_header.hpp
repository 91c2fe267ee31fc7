// The head of a LAMMPS data file: counts, box, tilt factors, up to the first section. Internal to the reader.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/structure.hpp"
#include "io/tokens.hpp"

#include <array>
#include <cstdint>
#include <string_view>

namespace r1::io {

/// Items that a data file counts, in the order of the arrays below.
enum LammpsItem { kAtoms, kBonds, kAngles, kDihedrals, kImpropers, kLammpsItems };

struct LammpsHeader {
  std::array<std::int64_t, kLammpsItems> counts{};
  std::array<std::int64_t, kLammpsItems> types{};
  Cell cell;
  bool counts_known = true;  // every count and number of types that the sections need was read
};

/// Limits that counts are held against before anything is allocated.
enum class CountLimit {
  file,  // what the rest of the buffer can hold
  none,  // the buffer is only the start of the file
};

/// Reads from the start of the buffer and stops with the heading of the first section as the scanner's line. False: the buffer
/// ended before.
bool read_lammps_header(Scanner& scanner, Faults& faults, CountLimit limit, LammpsHeader& header);

/// The scanner's line is the heading of a section, known or not, rather than a line of a section's body.
bool is_lammps_heading(const Scanner& scanner);

/// One of the sections that LAMMPS knows.
bool is_lammps_section(std::string_view name);

}  // namespace r1::io
