// What stands out in a state that has gone wrong, in words for the message that ends the run. Collective: the same text on every rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "core/neighbor_list.hpp"
#include "md/system.hpp"

#include <string>

namespace r1::md {

/// The pair of the list that is closest now: "the closest pair is atoms 12 (Cu) and 57 (Cu), 0.0131 apart, on rank 2". Empty
/// where the list holds no pair with a distance.
std::string describe_closest_pair(const Exec& exec, const Communicator& comm, const System& system,
                                  const NeighborList& list);

/// The fastest atom: "atom 12 (Cu) of rank 2 goes 3.1 in a step of 0.002, from (x, y, z)". A velocity that is no number counts as the
/// fastest.
std::string describe_fastest_atom(const Exec& exec, const Communicator& comm, const System& system,
                                  double timestep);

/// Largest distance that an atom of this rank goes in a step [length]; infinite if one is no number.
double longest_step(const Exec& exec, const System& system, double timestep);

}  // namespace r1::md
