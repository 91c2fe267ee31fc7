// The file that `system.structure` names, in the run's units, its periodic directions settled with `system.periodic`. What r1md
// cannot run (no cell, no atoms, bonds) is refused.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"
#include "io/structure.hpp"

#include <optional>
#include <string_view>

namespace r1::md {

/// The whole file. Any fault, of the file or of what the input says of it, is thrown with all others of the document.
io::Structure read_structure_file(const io::Config& system, const Units& units);

/// Count, cell and what is known of the species: those that `system.species` lists where the file names species by atom. None
/// after a fault, which is recorded in the document.
std::optional<io::StructureHeader> read_structure_file_header(const io::Config& system,
                                                              const Units& units);

}  // namespace r1::md
