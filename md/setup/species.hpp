// Which species a run has, and their masses, from what the input lists and what the structure says. Contradictions are faults.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"
#include "md/system.hpp"

#include <string>
#include <vector>

namespace r1::md {

/// What the lattice or the file says of the species, in the order of types.
struct SpeciesSource {
  std::vector<std::string> names;  // "1", "2", ... where types are only numbered
  std::vector<double> mass;        // [mass], 0 where unknown; or empty
  enum class Masses {
    known,  // a mass that nobody gives is a fault
    unread,  // they may stand where the file has not been read; a missing one is 1 for the time being
  } masses = Masses::known;
};

/// The names that `system.species` lists, or nothing.
std::vector<std::string> listed_species(const io::Config& system);

/// Species in the order of types. Faults are recorded at `system`'s values; after one the result is of no use.
std::vector<Species> resolve_species(const io::Config& system, const SpeciesSource& source);

}  // namespace r1::md
