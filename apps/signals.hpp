// Signals that ask a run to end: TERM, INT, USR1, USR2. The first one is remembered; the run saves its state and leaves at its next
// step. A second one, two seconds or more after the first, ends the process at once. (Launchers and schedulers send the same
// signal several times within moments.)
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

namespace r1::apps {

/// Installs the handlers.
void watch_signals();

/// The name of the signal that has come, if any: "SIGTERM".
std::optional<std::string> signal_received();

}  // namespace r1::apps
