// SPDX-License-Identifier: Apache-2.0
#include "md/checkpoint/input_record.hpp"

#include "core/error.hpp"
#include "io/sealed_file.hpp"
#include "io/text_file.hpp"
#include "io/tokens.hpp"
#include "md/checkpoint/saved_values.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace r1::md {
namespace {

constexpr std::uint64_t kMostFileBytes = std::uint64_t{1} << 30;

bool begins(const std::string& text, const std::string& prefix) {
  return text.compare(0, prefix.size(), prefix) == 0;
}

/// Read once, at the start: a restart goes on without them.
bool is_only_for_the_start(const std::string& path) {
  return begins(path, "system.structure") || begins(path, "system.velocities");
}

std::string digest_text(const std::filesystem::path& file) {
  const auto text = io::read_text_file(file, kMostFileBytes);
  const auto digest = io::digest_of(std::as_bytes(std::span(text)));
  std::string hex;
  for (const auto byte : digest) {
    constexpr const char* kDigits = "0123456789abcdef";
    hex += kDigits[std::to_integer<int>(byte) >> 4];
    hex += kDigits[std::to_integer<int>(byte) & 15];
  }
  return "file with digest " + hex;
}

enum class Change { silent, said, refused };

/// "run[2].dynamics.steps": 2 and "dynamics.steps".
struct StageKey {
  std::int64_t stage;
  std::string key;
};
std::optional<StageKey> stage_key(const std::string& path) {
  if (!begins(path, "run[")) return std::nullopt;
  const auto close = path.find(']');
  if (close == std::string::npos) return std::nullopt;
  const auto stage = io::parse_integer(std::string_view(path).substr(4, close - 4));
  if (!stage) return std::nullopt;
  return StageKey{*stage, close + 2 <= path.size() ? path.substr(close + 2) : ""};
}

bool is_a_length(const std::string& key) {
  return key == "dynamics.steps" || key == "dynamics.duration" || key == "minimize.max_steps";
}

Change kind_of(const std::string& path, const StagePlace& place) {
  for (const char* free : {"output.directory", "checkpoint", "walltime", "watchdog"})
    if (begins(path, free)) return Change::silent;
  if (is_only_for_the_start(path)) return Change::silent;
  if (path == "output.thermo.every" || path == "output.trajectory.every") return Change::said;
  if (begins(path, "parallel.grid") || begins(path, "neighbor.skin")) return Change::said;
  if (const auto stage = stage_key(path)) {
    if (stage->stage > place.index) return Change::said;
    if (stage->stage == place.index && is_a_length(stage->key)) return Change::said;
  }
  return Change::refused;
}

using Map = std::map<std::string, std::string>;
Map by_path(const InputRecord& record) {
  Map map;
  for (const auto& v : record.values) map.emplace(v.path, v.yaml);
  return map;
}
std::string value_in(const Map& map, const std::string& path) {
  const auto found = map.find(path);
  return found == map.end() ? "absent" : found->second;
}

/// A ramp runs over the whole stage: its length is part of what it computes.
bool has_ramp(const Map& map, const StagePlace& place) {
  const std::string stage = "run[" + std::to_string(place.index) + "].dynamics.thermostat";
  return std::any_of(map.begin(), map.end(), [&](const auto& entry) {
    return begins(entry.first, stage) && entry.first.find(".temperature[1]") != std::string::npos;
  });
}

}  // namespace

InputRecord InputRecord::of(const io::ConfigDocument& document) {
  InputRecord record;
  for (const auto& v : document.values()) {
    const bool digested = !v.file.empty() && !is_only_for_the_start(v.path);
    record.values.push_back({v.path, digested ? digest_text(v.file) : v.yaml});
  }
  return record;
}

void InputRecord::save(io::CheckpointWriter& writer) const {
  std::string text;
  for (const auto& v : values) text += v.path + '\t' + v.yaml + '\n';
  writer.add_text("input/values", text);
}

InputRecord InputRecord::from(const io::CheckpointReader& reader) {
  InputRecord record;
  const std::string text = reader.read_text("input/values");
  for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
       begin = end + 1) {
    const auto tab = text.find('\t', begin);
    if (tab < end)
      record.values.push_back(
          {text.substr(begin, tab - begin), text.substr(tab + 1, end - tab - 1)});
  }
  return record;
}

StagePlace StagePlace::from(const io::CheckpointReader& reader) {
  return {read_between(reader, "stages/index", 0, kMostSaved),
          reader.has("dynamics/done") ? read_between(reader, "dynamics/done", 0, kMostSaved) : 0};
}

std::vector<std::string> accept_changes(const InputRecord& then, const InputRecord& now,
                                        const StagePlace& place, const std::string& name) {
  const Map before = by_path(then), after = by_path(now);
  Map paths(before);
  paths.insert(after.begin(), after.end());
  std::vector<std::string> said;
  std::vector<Diagnostic> refused;
  for (const auto& [path, unused] : paths) {
    const auto old_value = value_in(before, path), new_value = value_in(after, path);
    if (old_value == new_value) continue;
    auto kind = kind_of(path, place);
    std::string why;
    if (const auto stage = stage_key(path);
        kind == Change::said && stage && stage->stage == place.index && has_ramp(after, place)) {
      kind = Change::refused;
      why = " (the temperature's ramp depends on the length of its stage)";
    }
    const std::string text = "'" + path + "' was " + old_value + ", is " + new_value;
    if (kind == Change::said) said.push_back(text);
    if (kind == Change::refused)
      refused.push_back({name, 0, 0,
                         text + why +
                             ": the run that is continued would compute something else; change it "
                             "back, choose another folder with -o, or start anew with --overwrite",
                         ""});
  }
  if (!refused.empty()) throw ConfigError(std::move(refused));
  return said;
}

}  // namespace r1::md
