// Progress of a known number of steps, as text: a bar with the time left for terminals, a plain line for everything else.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace r1::apps {

struct ProgressState {
  std::int64_t done = 0;  // steps since the start
  std::int64_t total = 0;
  double steps_per_second = 0;  // of late; 0: not known
};

/// "1:02:03", "2:03"; "-" for what is no time.
std::string duration_text(double seconds);
/// "1.23 GB", "45.6 MB", "7.8 kB".
std::string bytes_text(double bytes);
/// "stage 1/2  [#####.....]  50 %  step 500/1000  123 steps/s  0:04 left".
std::string progress_bar(const std::string& label, const ProgressState& state);
/// "stage 1/2: step 500 of 1000 (50 %), 123 steps/s, 0:04 left".
std::string progress_line(const std::string& label, const ProgressState& state);

}  // namespace r1::apps
