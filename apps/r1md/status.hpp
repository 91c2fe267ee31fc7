// r1md --status: where a run is, from its run.jsonl and its lock; the run itself is not asked.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

namespace r1::apps {

/// A few lines: running, stopped or finished; step, time that is left, last checkpoint, restarts, warnings. CommandLineError where the
/// folder holds no run.
std::string status_text(const std::filesystem::path& folder);

}  // namespace r1::apps
