// SPDX-License-Identifier: Apache-2.0
#include "io/json_lines.hpp"

#include "core/error.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <ctime>
#include <string>
#include <utility>

namespace r1::io {
namespace {

/// ISO 8601 with milliseconds.
std::string utc_now() {
  using std::chrono::duration_cast;
  using std::chrono::milliseconds;
  const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
  const auto all = duration_cast<milliseconds>(since_epoch).count();
  const auto seconds = static_cast<std::time_t>(all / 1000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", parts.tm_year + 1900,
                     parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                     all % 1000);
}

}  // namespace

JsonLines::JsonLines(std::filesystem::path file, AppendFile::Open open,
                     std::chrono::steady_clock::time_point start)
    : file_(std::move(file), open), start_(start) {}

void JsonLines::event(std::string_view name) { event(name, nullptr); }

void JsonLines::event(std::string_view name, const nlohmann::ordered_json& fields) {
  R1_ASSERT(fields.is_object() || fields.is_null());
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
  nlohmann::ordered_json line;
  line["event"] = name;
  line["time"] = utc_now();
  line["seconds"] = seconds.count();
  for (const auto& [key, value] : fields.items()) line[key] = value;
  using Handler = nlohmann::ordered_json::error_handler_t;
  file_.write(line.dump(-1, ' ', false, Handler::replace) + '\n');
}

}  // namespace r1::io
