// Stops a run whose energy is no number any more, before a row of it is written: added before all outputs.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/output/output.hpp"

namespace r1::md {

class EnergyGuard : public Observer {
 public:
  /// Looks whenever thermo is due, which needs the energy anyway.
  explicit EnergyGuard(Schedule schedule) : schedule_(schedule) {}

  bool due(std::int64_t step, Place place) const override { return schedule_.due(step, place); }
  Tally::Level needs() const override { return Tally::Level::totals; }
  /// NumericError, on all ranks alike.
  void observe(Simulation& simulation) override;

 private:
  Schedule schedule_;
};

}  // namespace r1::md
