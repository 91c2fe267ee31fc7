// Stops a run whose energy is no number any more, before a row of it is written: added before all outputs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/output/output.hpp"

namespace r1::md {

/// Its schedule is thermo's, which needs the energy anyway.
class EnergyGuard : public ScheduledObserver {
 public:
  using ScheduledObserver::ScheduledObserver;

  Tally::Level needs() const override { return Tally::Level::totals; }
  /// NumericError, on all ranks alike.
  void observe(Simulation& simulation) override;
};

}  // namespace r1::md
