// What a run that went wrong leaves for its user's eyes: panic.xyz with two frames of extended XYZ, the positions when the neighbour
// list was last built (sound), and those of the end, with velocities and forces as far as they are known.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/simulation.hpp"

#include <filesystem>

namespace r1::md {

inline constexpr const char* kPanicFile = "panic.xyz";

/// Writes it to `folder`. Collective.
void write_panic_frames(Simulation& simulation, const std::filesystem::path& folder);

}  // namespace r1::md
