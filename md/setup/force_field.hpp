// The force field of a run, from the list `potential`, with the checks that need it: every pair of species is covered, ghosts
// do not reach too far.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/config/run_settings.hpp"
#include "md/integrator.hpp"
#include "md/observables/observable.hpp"
#include "md/potential.hpp"
#include "md/setup/load_system.hpp"

namespace r1::md {

/// Faults of all entries are found in one go and thrown. Every rank reads the potentials' files for itself.
ForceField read_force_field(const io::Config& root, const RunSettings& settings,
                            const PotentialRegistry& registry, const SystemHead& head);

/// What the registries must be asked for a complete check.
struct RunRegistries {
  const PotentialRegistry& potentials;
  const IntegratorRegistry& integrators;
  const ThermostatRegistry& thermostats;
  const ObservableRegistry& observables;
};

/// Everything that can be wrong with an input and can be seen without reading atoms: structure files' beginnings, potentials
/// with their files, integrators, thermostats, observables. Throws all faults together. For this rank alone.
void check_inputs(const io::Config& root, const RunRegistries& registries);

}  // namespace r1::md
