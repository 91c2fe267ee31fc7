// Schedules: the learning rate as a pure function of the number of optimizer steps done, so that a run that goes on needs nothing else.
// Each is one file, with its keys of the input language; lengths are given in epochs or in steps.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/registry.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace r1::ml {

class Schedule {
 public:
  virtual ~Schedule() = default;
  /// Of step `step`, counted from 0.
  virtual double rate(std::int64_t step) const = 0;
};

struct ScheduleContext {
  std::int64_t steps_per_epoch = 1;
};
using ScheduleRegistry = io::Registry<Schedule, ScheduleContext>;

/// With every schedule of the project.
ScheduleRegistry builtin_schedules();

/// Keys "<name>_epochs" and "<name>_steps", of which one may be given; a rule of the mapping says so.
std::vector<io::Key> length_keys(const std::string& name, const std::string& sentence);
/// What they say, in steps.
double length_of(const io::Config& config, const std::string& name, const ScheduleContext& context);

// A line for each file.
void add_constant_schedule(ScheduleRegistry& registry);
void add_cosine_warmup_schedule(ScheduleRegistry& registry);
void add_decay_schedules(ScheduleRegistry& registry);

}  // namespace r1::ml
