// Shows the progress of dynamics.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/progress_display.hpp"
#include "md/simulation.hpp"

#include <string>

namespace r1::apps {

class ProgressObserver : public md::Observer {
 public:
  explicit ProgressObserver(ProgressPlace place) : display_(place) {}

  /// A stage of `steps` steps begins at `step`.
  void begin(std::string label, std::int64_t step, std::int64_t steps) {
    display_.begin(std::move(label), step, steps);
  }
  /// Takes the bar away.
  void end() { display_.end(); }

  bool due(std::int64_t, Place) const override { return display_.due(); }
  void observe(md::Simulation& simulation) override { display_.show(simulation.step()); }

 private:
  ProgressDisplay display_;
};

}  // namespace r1::apps
