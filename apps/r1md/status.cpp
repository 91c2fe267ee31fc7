// SPDX-License-Identifier: Apache-2.0
#include "apps/r1md/status.hpp"

#include "apps/progress.hpp"
#include "core/error.hpp"
#include "core/text.hpp"
#include "io/folder_lock.hpp"
#include "io/heartbeat.hpp"
#include "io/text_file.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>
#include <optional>
#include <sstream>

namespace r1::apps {
namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 28;

std::string words(const nlohmann::json& event, const char* key, const std::string& otherwise = "") {
  const auto found = event.is_object() ? event.find(key) : event.end();
  return event.is_object() && found != event.end() && found->is_string() ? found->get<std::string>()
                                                                         : otherwise;
}

template <class T>
T number(const nlohmann::json& event, const char* key, T otherwise) {
  const auto found = event.is_object() ? event.find(key) : event.end();
  return event.is_object() && found != event.end() && found->is_number() ? found->get<T>()
                                                                         : otherwise;
}

/// What the events of a run say, the last of each kind. Lines that are no objects are passed over: the last may be incomplete.
struct Events {
  nlohmann::json start, stage, progress, checkpoint, warning, end;
  int restarts = 0, warnings = 0, stages = 0;
  std::string last_time;  // UTC
};

Events events_of(const std::string& text) {
  Events all;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    auto event = nlohmann::json::parse(line, nullptr, false);
    if (!event.is_object()) continue;
    const auto kind = words(event, "event");
    all.last_time = words(event, "time", all.last_time);
    if (kind == "restart") ++all.restarts;
    if (kind == "warning") ++all.warnings, all.warning = event;
    if (kind == "start") all.start = event, all.end = {};
    if (kind == "stage_begin") all.stage = event, all.progress = {};
    if (kind == "progress") all.progress = event;
    if (kind == "checkpoint") all.checkpoint = event;
    if (kind == "end") all.end = event;
  }
  return all;
}

/// Seconds from a UTC time of an event until now; none if it cannot be read.
std::optional<double> seconds_since(const std::string& utc) {
  std::tm parts{};
  if (::strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return std::nullopt;
  return std::difftime(std::time(nullptr), ::timegm(&parts));
}

std::string ago(const std::string& utc) {
  const auto seconds = seconds_since(utc);
  return seconds ? duration_text(std::max(0.0, *seconds)) + " ago" : "at an unknown time";
}

std::string state_of(const Events& events, bool held) {
  const auto last = "; last event " + ago(events.last_time);
  if (held) return "running" + last;
  if (!events.end.is_object()) return "ended without a word: killed, or its host went down" + last;
  const int code = number(events.end, "exit_code", 1);
  const auto message = words(events.end, "message");
  if (code == 0) return "finished" + last;
  return (code == 75 ? "stopped" : "failed with exit code " + std::to_string(code)) + last +
         (message.empty() ? "" : ": " + shortened(message, 300));
}

/// "3 of 4 alive, the hindmost in step 41 at 'force'"
std::string ranks_of(const Events& events, const std::filesystem::path& folder) {
  std::vector<std::optional<io::Beat>> beats;
  try {
    beats = io::HeartbeatFile(folder).read();
  } catch (const IoError&) {
    return "";  // not watched
  }
  constexpr std::int64_t kOld = 60;  // seconds: six beats, and clocks that differ
  const auto now = static_cast<std::int64_t>(std::time(nullptr));
  int alive = 0;
  const io::Beat* last = nullptr;
  for (const auto& beat : beats) {
    if (!beat || now - beat->time > kOld) continue;
    ++alive;
    if (last == nullptr || beat->step < last->step) last = &*beat;
  }
  if (alive == 0) return "";  // left by a run that was killed
  auto text = fmt::format("{} of {} alive", alive, number<std::int64_t>(events.start, "ranks", 0));
  if (last != nullptr)
    text +=
        fmt::format(", the hindmost in step {} at '{}'", last->step, shortened(last->place, 100));
  return text;
}

/// "stage 2, step 1200 of 5000 (24 %), 0:12 left"
std::string progress_of(const Events& events) {
  const auto stage = number<std::int64_t>(events.stage, "stage", 0) + 1;
  const auto kind = words(events.stage, "kind");
  const auto steps = number<std::int64_t>(events.stage, "steps", 0);
  const auto first = number<std::int64_t>(events.stage, "first_step", 0);
  const auto step = std::max(number<std::int64_t>(events.progress, "step", first),
                             number<std::int64_t>(events.checkpoint, "step", first));
  std::string text = fmt::format("stage {} ({})", stage, kind);
  if (steps <= 0) return text;
  const auto done = std::clamp<std::int64_t>(step - first, 0, steps);
  text += fmt::format(", step {} of {} ({} %)", done, steps, 100 * done / steps);
  const double speed = number(events.progress, "atom_steps_per_second", 0.0);
  const double atoms = number(events.start, "atoms", 0.0);
  if (speed > 0 && atoms > 0)
    text += fmt::format(", {:.3g} atom-steps/s, {} left", speed,
                        duration_text(static_cast<double>(steps - done) * atoms / speed));
  return text;
}

}  // namespace

std::string status_text(const std::filesystem::path& folder) {
  const auto file = folder / "run.jsonl";
  if (!std::filesystem::is_regular_file(file))
    throw CommandLineError("--status: '" + folder.string() +
                           "' holds no run (there is no run.jsonl in it)");
  const auto events = events_of(io::read_text_file(file, kMostBytes));
  const bool held = io::FolderLock::is_held(folder);
  std::string text = folder.string() + ": " + state_of(events, held) + '\n';
  const auto line = [&](const char* name, const std::string& value) {
    text += fmt::format("  {:<12}{}\n", name, value);
  };
  line("run", fmt::format("{} atoms, {} ranks", number<std::int64_t>(events.start, "atoms", 0),
                          number<std::int64_t>(events.start, "ranks", 0)));
  if (events.stage.is_object()) line("progress", progress_of(events));
  if (const auto ranks = held ? ranks_of(events, folder) : ""; !ranks.empty()) line("ranks", ranks);
  if (events.checkpoint.is_object())
    line("checkpoint",
         fmt::format("step {}, {}", number<std::int64_t>(events.checkpoint, "step", 0),
                     ago(words(events.checkpoint, "time"))));
  line("restarts", std::to_string(events.restarts));
  line("warnings",
       std::to_string(events.warnings) +
           (events.warnings > 0 ? "; the last: " + shortened(words(events.warning, "message"), 300)
                                : ""));
  return text;
}

}  // namespace r1::apps
