// SPDX-License-Identifier: Apache-2.0
#include "md/watch/drift_watch.hpp"

#include "core/error.hpp"

#include <fmt/format.h>

#include <cmath>

namespace r1::md {

void DriftWatch::observe(Simulation& simulation) {
  // A minimisation may lie between two stages, and conserves nothing.
  const bool new_stage = simulation.stage_start() != stage_start_;
  if (new_stage) told_ = 0;
  if (new_stage || simulation.step() - first_step_ > kWindow) {
    fit_ = {};
    stage_start_ = simulation.stage_start();
    first_step_ = simulation.step();
    start_ = simulation.time();
  }
  fit_.add(simulation.time(), simulation.conserved_energy(), simulation.thermo().temperature);
  if (fit_.points() < kFewestRows) return;
  const System& system = simulation.system();
  const auto slope = fit_.per_degree_of_freedom(system.degrees_of_freedom, system.units.boltzmann);
  const double drift = std::abs(slope.value) * (simulation.time() - start_) / 1000;
  // Comparisons with not-a-number (a system at rest) are false.
  if (!(drift > std::max(kTooMuch, 2 * told_)) || !(std::abs(slope.value) > kErrors * slope.error))
    return;
  told_ = drift;
  const auto text = fmt::format(
      "the conserved energy drifts by ({:.2g} +- {:.1g}) kT per degree of freedom in 1000 units of "
      "time: {:.2g} kT since step {}, seen at step {}; shorten the timestep, and look whether "
      "potential and structure fit each other",
      slope.value, slope.error, drift, first_step_, simulation.step());
  if (act_ == Act::stop) throw NumericError(text);
  warn_(text);
}

}  // namespace r1::md
