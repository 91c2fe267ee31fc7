// Watches the slope of the conserved energy over a stage of dynamics: a timestep that is too long, a potential that is not smooth or
// a structure that explodes slowly shows there long before anything else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "md/output/drift.hpp"
#include "md/output/output.hpp"

#include <functional>
#include <string>

namespace r1::md {

class DriftWatch : public ScheduledObserver {
 public:
  /// What a drift does.
  enum class Act { warn, stop };
  /// So much drift within kWindow steps of a stage, in kT per degree of freedom, is worth a word: about as much as a change of the
  /// temperature by five to ten percent. It must be five times its standard error, too. (Without a window the random walk of a
  /// bath's accounts would come to that some day.)
  static constexpr double kTooMuch = 0.05, kErrors = 5;
  static constexpr std::int64_t kWindow = 100000;
  static constexpr std::int64_t kFewestRows = 10;

  /// Looks whenever thermo is due, which needs the energy anyway. `warn` is called on every rank, anew when a drift has doubled.
  DriftWatch(Schedule schedule, Act act, std::function<void(const std::string&)> warn)
      : ScheduledObserver(schedule), act_(act), warn_(std::move(warn)) {}

  Tally::Level needs() const override { return Tally::Level::totals; }
  /// NumericError if it is to stop, on all ranks alike.
  void observe(Simulation& simulation) override;

 private:
  Act act_;
  std::function<void(const std::string&)> warn_;
  DriftFit fit_;
  std::int64_t stage_start_ = -1;  // step
  std::int64_t first_step_ = 0;    // of the fit
  double start_ = 0;               // of the fit [time]
  double told_ = 0;                // kT per degree of freedom
};

}  // namespace r1::md
