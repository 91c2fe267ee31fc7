// The embedded-atom method by tables; formulas and references stand in eam_splines.hpp, eam_tables.hpp and eam_file.hpp.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/potential.hpp"
#include "md/potentials/eam_tables.hpp"

namespace r1::md {

/// A potential from tables in the run's units: energies are multiplied by `energy_unit` (that of the run per eV).
std::unique_ptr<Potential> make_eam(const EamTables& tables, double energy_unit);

void add_eam(PotentialRegistry& registry);

}  // namespace r1::md
