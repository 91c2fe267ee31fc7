// SPDX-License-Identifier: Apache-2.0
#include "md/output/events.hpp"

#include "core/version.hpp"

#include <nlohmann/json.hpp>

namespace r1::md {

void EventLog::start(const RunStart& run) {
  if (!file_) return;
  const BuildInfo build = build_info();
  file_->event("start", {{"program", run.program},
                         {"version", build.version},
                         {"commit", build.commit},
                         {"input", run.input},
                         {"atoms", run.atoms},
                         {"ranks", run.ranks},
                         {"threads", run.threads},
                         {"device", run.device}});
}

void EventLog::stage_begin(int index, std::string_view kind, std::int64_t steps,
                           std::int64_t first_step) {
  if (!file_) return;
  nlohmann::ordered_json fields{{"stage", index}, {"kind", kind}};
  if (steps > 0) {
    fields["steps"] = steps;
    fields["first_step"] = first_step;
  }
  file_->event("stage_begin", fields);
}

void EventLog::stage_end(int index, std::string_view kind, std::int64_t steps, double seconds) {
  if (!file_) return;
  file_->event("stage_end",
               {{"stage", index}, {"kind", kind}, {"steps", steps}, {"stage_seconds", seconds}});
}

void EventLog::restart(std::int64_t step, std::string_view checkpoint) {
  if (file_) file_->event("restart", {{"step", step}, {"checkpoint", checkpoint}});
}

void EventLog::checkpoint(std::int64_t step, double seconds) {
  if (file_) file_->event("checkpoint", {{"step", step}, {"write_seconds", seconds}});
}

void EventLog::progress(const Progress& p) {
  if (!file_) return;
  file_->event("progress", {{"step", p.step},
                            {"simulated_time", p.time},
                            {"atom_steps_per_second", p.atom_steps_per_second},
                            {"list_rebuilds", p.list_rebuilds},
                            {"steps_per_rebuild", p.steps_per_rebuild}});
}

void EventLog::warning(std::string_view message) {
  if (file_) file_->event("warning", {{"message", message}});
}

void EventLog::timings(const std::vector<Phase>& phases) {
  if (!file_) return;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Phase& p : phases)
    list.push_back({{"phase", p.name}, {"seconds", p.seconds}, {"share", p.share}});
  file_->event("timings", {{"phases", list}});
}

void EventLog::end(int exit_code, std::string_view message) {
  if (!file_) return;
  nlohmann::ordered_json fields{{"exit_code", exit_code}};
  if (!message.empty()) fields["message"] = message;
  file_->event("end", fields);
  file_->close();
  file_.reset();
}

void EventLog::sync() {
  if (file_) file_->sync();
}

}  // namespace r1::md
