// The explicit lists of what exists, in alphabetical order. A new kind is one line here and one in CMakeLists.txt.
// SPDX-License-Identifier: Apache-2.0
#include "md/integrators/langevin.hpp"
#include "md/integrators/no_thermostat.hpp"
#include "md/integrators/nose_hoover.hpp"
#include "md/integrators/velocity_verlet.hpp"
#include "md/potentials/eam.hpp"
#include "md/potentials/lennard_jones.hpp"

namespace r1::md {

PotentialRegistry builtin_potentials() {
  PotentialRegistry registry;
  add_eam(registry);
  add_lennard_jones(registry);
  return registry;
}

IntegratorRegistry builtin_integrators() {
  IntegratorRegistry registry;
  add_velocity_verlet(registry);
  return registry;
}

ThermostatRegistry builtin_thermostats() {
  ThermostatRegistry registry;
  add_langevin(registry);
  add_no_thermostat(registry);
  add_nose_hoover(registry);
  return registry;
}

}  // namespace r1::md
