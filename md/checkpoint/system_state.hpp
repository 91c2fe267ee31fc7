// The system in a checkpoint: box, species, and every field that is checkpointed, as arrays (N, components) by ascending id.
//   box/{vectors, origin, periodic}, species/{names, mass}, atoms/<field>
// Vectors per atom are stored without the padding of their rows. Which rank had an atom leaves no trace.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/checkpoint.hpp"
#include "md/system.hpp"

namespace r1::md {

/// Collective.
void save_system(const Exec& exec, const System& system, io::CheckpointWriter& writer);

/// Box and species, and the fields that come with a structure (charge, molecule) registered; no atoms yet.
System restore_system(const io::CheckpointReader& reader, const Units& units);

/// Ids ascend and are above 0, types are known, places are not absurd, velocities finite, or CheckpointError: of atoms [first, end).
void check_atoms(const io::CheckpointReader& reader, const System& system, std::uint64_t first,
                 std::uint64_t end);

/// An equal share of the atoms for every rank, whatever their places. All fields must be registered. Collective; CheckpointError if
/// the file lacks one.
void restore_atoms(const Exec& exec, const Communicator& comm, const io::CheckpointReader& reader,
                   System& system);

}  // namespace r1::md
