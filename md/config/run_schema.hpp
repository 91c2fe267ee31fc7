// The input language of r1md, version 1: every key with its bounds, default and meaning. Keys whose feature is not built are
// refused by name. No Kokkos here, so that help and documents cost nothing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/config.hpp"

namespace r1::md {

/// Schemas of what is extensible; those of the registries of potentials, integrators, thermostats and observables.
struct RunKinds {
  io::Schema potential;
  io::Schema integrator;  // holds velocity_verlet, the default
  io::Schema thermostat;  // holds none, the default
  io::Schema observable;
};

io::Schema run_schema(const RunKinds& kinds);

}  // namespace r1::md
