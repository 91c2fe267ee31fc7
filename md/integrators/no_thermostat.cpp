// No heat bath, and what a thermostat does unless it says otherwise.
// SPDX-License-Identifier: Apache-2.0
#include "md/integrators/no_thermostat.hpp"

#include "core/error.hpp"

#include <string>

namespace r1::md {

double Thermostat::degrees_of_freedom(std::int64_t atoms) const {
  return atoms > 1 ? 3.0 * static_cast<double>(atoms) - 3 : 0;
}

void Thermostat::restore(const StepContext&, const std::vector<double>& state) {
  if (!state.empty())
    throw CheckpointError(
        "the saved state of the thermostat holds " + std::to_string(state.size()) +
        " numbers, expected none: it was written by another kind; start a new run");
}

void add_no_thermostat(ThermostatRegistry& registry) {
  registry.add(
      "none", "No heat bath: energy and total momentum are conserved.", io::mapping({}),
      [](const io::Config&, const ThermostatContext&) { return std::make_unique<Thermostat>(); });
}

}  // namespace r1::md
