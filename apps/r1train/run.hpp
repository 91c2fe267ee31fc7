// A run of r1train from its input to its summary.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"
#include "apps/parallel.hpp"

namespace r1::apps {

/// Carries out Action::run and Action::dry_run.
int run_r1train(const Command& command, const Parallel& parallel);

}  // namespace r1::apps
