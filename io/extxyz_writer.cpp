// The writer of extended XYZ; see extxyz.hpp.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"
#include "io/csv.hpp"
#include "io/extxyz.hpp"
#include "io/id_index.hpp"

#include <array>
#include <string_view>

namespace r1::io {
namespace {

template <class Numbers>
void append_reals(std::string& text, const Numbers& numbers) {
  std::string_view between;
  for (const double value : numbers) {
    text += between;
    append_real(text, value);
    between = " ";
  }
}

template <class Numbers>
void append_key(std::string& text, std::string_view key, const Numbers& numbers) {
  text.append(key).append("=\"");
  append_reals(text, numbers);
  text += "\" ";
}

/// In quotes unless it is a plain word; line ends would end the comment line.
void append_quoted(std::string& text, std::string_view value) {
  const bool plain = !value.empty() && value.find_first_of(" \t\r\n\"'\\=,{}[]") == value.npos;
  if (!plain) text += '"';
  for (const char c : value) {
    if (c == '"' || c == '\\') text += '\\';
    text += c == '\n' || c == '\r' ? ' ' : c;
  }
  if (!plain) text += '"';
}

void append_cell(std::string& text, const std::optional<Cell>& cell) {
  constexpr Vec3 kNowhere{};
  if (!cell) {
    text += "pbc=\"F F F\" ";
    return;
  }
  std::array<double, 9> lattice{};
  for (std::size_t i = 0; i < 9; ++i) lattice[i] = cell->vectors[i / 3][i % 3];
  append_key(text, "Lattice", lattice);
  if (cell->origin != kNowhere) append_key(text, "Origin", cell->origin);
  text += "pbc=\"";
  for (std::size_t axis = 0; axis < 3; ++axis) {
    text += axis == 0 ? "" : " ";
    text += cell->periodic[axis] ? 'T' : 'F';
  }
  text += "\" ";
}

void append_comment(std::string& text, const Structure& structure,
                    const std::optional<FrameTime>& when) {
  append_cell(text, structure.cell);
  text += "Properties=species:S:1:pos:R:3";
  if (!structure.velocity.empty()) text += ":vel:R:3";
  if (!structure.force.empty()) text += ":forces:R:3";
  if (!structure.charge.empty()) text += ":charge:R:1";
  text += ":id:I:1";
  if (when) {
    text += " step=" + std::to_string(when->step) + " time=";
    append_real(text, when->time);
  }
  if (structure.energy) {
    text += " energy=";
    append_real(text, *structure.energy);
  }
  if (structure.stress) append_key(text += ' ', "stress", *structure.stress);
  for (const auto& [key, value] : structure.info) {
    if (when && (key == "step" || key == "time")) continue;
    if (text.back() != ' ') text += ' ';
    append_quoted(text, key);
    text += '=';
    append_quoted(text, value);
  }
  while (text.back() == ' ') text.pop_back();
  text += '\n';
}

}  // namespace

void append_extxyz(std::string& text, const Structure& structure,
                   const std::optional<FrameTime>& when) {
  const IdIndex order(structure.id);
  text += std::to_string(structure.size()) + '\n';
  append_comment(text, structure, when);
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    const std::size_t atom = order.at(rank);
    const auto type = static_cast<std::size_t>(structure.type[atom]);
    R1_ASSERT(type < structure.species.size());
    text += structure.species[type];
    append_reals(text += ' ', structure.position[atom]);
    if (!structure.velocity.empty()) append_reals(text += ' ', structure.velocity[atom]);
    if (!structure.force.empty()) append_reals(text += ' ', structure.force[atom]);
    if (!structure.charge.empty()) append_real(text += ' ', structure.charge[atom]);
    text += ' ';
    text += std::to_string(structure.id[atom]);
    text += '\n';
  }
}

}  // namespace r1::io
