// The comment line of extended XYZ: key=value pairs between white space. A value is bare, or in "..." or '...' (with \ before a
// quote), {...} or [...]; a key without '=' counts as true. Properties="name:type:columns:..." lays out the atoms' lines, with
// types S (text), R (real), I (integer), L (logical). Internal to the reader.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/structure.hpp"
#include "io/tokens.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace r1::io {

struct KeyValue {
  std::string key;
  std::string value;  // without quotes or brackets
  Token place;        // of the value
};

/// Keys that have a meaning here, as this program writes them.
inline constexpr std::array<std::string_view, 7> kCommentKeys{
    "Lattice", "Properties", "pbc", "Origin", "energy", "stress", "virial"};

/// The line has a Lattice or Properties; else it is the free text of plain XYZ.
bool is_extended(std::string_view line);

/// The pairs of the scanner's line in order, kCommentKeys in our case whatever the file's; a second pair of the same key is a fault.
std::vector<KeyValue> parse_comment(const Scanner& scanner, Faults& faults);

/// The numbers of `value`, between white space or commas; a fault and none unless their number is one of `sizes`.
std::optional<std::vector<double>> numbers_of(const KeyValue& value, std::vector<std::size_t> sizes,
                                              Faults& faults);

/// What a column of atoms' lines means to us.
enum class Role { species, position, velocity, momentum, force, charge, mass, id, ignored };

/// Adjacent columns of one name.
struct Column {
  Role role;
  std::string name;
  int count;
};

/// The layout that Properties gives. Columns that mean nothing to us have the role ignored.
std::optional<std::vector<Column>> parse_properties(const KeyValue& value, Faults& faults);

/// The cell of Lattice, pbc and Origin: none if there is no Lattice, or one of zeros without periodic directions.
std::optional<Cell> parse_cell(const std::vector<KeyValue>& pairs, Faults& faults);

double volume(const Cell& cell);

}  // namespace r1::io
