// The start of a run: cell, species, atoms and velocities, from the checked input. Atoms end up anywhere on the ranks;
// Simulation::prepare() sends them to their bricks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "md/config/run_settings.hpp"
#include "md/system.hpp"

#include <optional>
#include <vector>

namespace r1::md {

/// A system with atoms on every rank. Faults are ConfigErrors that name the place in the input, on all ranks alike. Collective.
System load_system(const Exec& exec, const Communicator& comm, const io::Config& root,
                   const RunSettings& settings);

/// What is known without reading atoms: quick whatever the file's size. For this rank alone.
struct SystemHead {
  std::optional<Box> box;
  std::vector<Species> species;  // in the order of types; masses may be 1 for the time being
  std::int64_t atoms = 0;
  enum class Types {
    all,     // `species` are those of the run
    unsure,  // only reading the atoms would tell
  } types = Types::all;
};
/// The head of a system that is there.
SystemHead head_of(const System& system);
/// The same from the input and the beginning of its structure file, whose faults are recorded in the document.
SystemHead read_system_head(const io::Config& root, const RunSettings& settings);

/// Bricks along a, b, c as the input wants them; a product that is not `ranks` is a fault.
std::optional<Int3> brick_grid(const io::Config& root, const RunSettings& settings, int ranks);

}  // namespace r1::md
