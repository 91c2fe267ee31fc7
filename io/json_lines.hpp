// Events of a run, one JSON object a line: {"event": "checkpoint", "time": "2025-01-31T12:00:00.123Z", "seconds": 12.5, ...}.
// `time` is UTC, `seconds` counts from the opening by a clock that never jumps. Each event is one append.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/write_file.hpp"

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <filesystem>
#include <string_view>

namespace r1::io {

class JsonLines {
 public:
  /// `start`: from when `seconds` count.
  JsonLines(std::filesystem::path file, AppendFile::Open open,
            std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now());

  /// `fields`: an object, or null for an event without any. Not-a-number and infinity are written as null, text that is no UTF-8
  /// with replacement characters: an event must not stop a run.
  void event(std::string_view name, const nlohmann::ordered_json& fields);
  void event(std::string_view name);
  void sync() { file_.sync(); }
  void close() { file_.close(); }

 private:
  AppendFile file_;
  std::chrono::steady_clock::time_point start_;
};

}  // namespace r1::io
