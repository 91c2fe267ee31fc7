// A run of r1md from its input to its summary, in order: check, system, force field, folder, stages, results.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"
#include "apps/parallel.hpp"

namespace r1::apps {

/// Carries out Action::run and Action::dry_run; the exit code is the same on all ranks. Collective.
int run_r1md(const Command& command, const Parallel& parallel);

}  // namespace r1::apps
