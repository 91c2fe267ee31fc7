// Migration: atoms go to the rank that owns their brick, with every field that migrates.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "comm/communicator.hpp"
#include "md/decomposition.hpp"
#include "md/system.hpp"

#include <string>
#include <vector>

namespace r1::md {

struct Migration {
  int left = 0;       // atoms that left this rank
  std::string stray;  // who they are that were dropped; empty: none
};

/// Sends local atoms to their owners, which must be among `peers` (ascending, without this rank); others are dropped. Arrivals are
/// appended in order of rank. Collective.
Migration migrate_atoms(const Exec& exec, System& system, const Communicator& comm,
                        const Decomposition& decomposition, const std::vector<int>& peers);

}  // namespace r1::md
