// The explicit list of observables, in alphabetical order.
// SPDX-License-Identifier: Apache-2.0
#include "md/observables/observable.hpp"

namespace r1::md {

ObservableRegistry builtin_observables() {
  ObservableRegistry registry;
  add_msd(registry);
  add_rdf(registry);
  return registry;
}

io::Key every_key() {
  return io::Key("every", io::integer().min(1),
                 "Steps from one observation to the next; step 0 and the last of a stage are "
                 "observed, too.")
      .or_("100");
}

Schedule schedule_of(const io::Config& options) { return {options["every"].integer()}; }

}  // namespace r1::md
