// --dry-run: what a run will need, found out without writing anything: memory by estimate, speed by a few steps if they fit.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/parallel.hpp"
#include "apps/r1md/closing.hpp"
#include "apps/r1md/input.hpp"

namespace r1::apps {

/// `before`: resident bytes of this rank before the system was built. `simulation` is not prepared yet. Collective; complete on
/// rank 0.
DryRunFigures measure_dry_run(const Parallel& parallel, const Registries& registries,
                              const md::RunSettings& settings, md::Simulation& simulation,
                              std::int64_t before);

}  // namespace r1::apps
