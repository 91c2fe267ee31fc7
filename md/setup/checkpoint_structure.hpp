// A checkpoint as the start of a new run: its atoms, cell and species, without the rest of its state.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/units.hpp"
#include "io/structure.hpp"

#include <filesystem>

namespace r1::md {

/// The whole file, by the calling rank alone. A file that is damaged, no checkpoint of r1md, or in another style of units than
/// the run's is a ConfigError about the file.
io::Structure read_checkpoint_structure(const std::filesystem::path& file, UnitStyle style);
io::StructureHeader read_checkpoint_structure_header(const std::filesystem::path& file,
                                                     UnitStyle style);

}  // namespace r1::md
