// SPDX-License-Identifier: Apache-2.0
#include "io/heartbeat.hpp"

#include "io/descriptor.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <string_view>

namespace r1::io {
namespace {

constexpr std::size_t kSlot = 4096;

std::string line_of(const Beat& beat) {
  const nlohmann::ordered_json fields{{"count", beat.count}, {"quiet", beat.quiet},
                                      {"step", beat.step},   {"place", beat.place},
                                      {"host", beat.host},   {"process", beat.process},
                                      {"time", beat.time},   {"reported", beat.reported}};
  using Handler = nlohmann::ordered_json::error_handler_t;
  auto line = fields.dump(-1, ' ', false, Handler::replace);
  line.resize(kSlot - 1, ' ');
  return line + '\n';
}

std::optional<Beat> beat_of(std::string_view slot) {
  const auto fields = nlohmann::json::parse(slot, nullptr, false);
  if (!fields.is_object()) return std::nullopt;
  try {
    return Beat{fields.at("count").get<std::uint64_t>(), fields.at("quiet").get<double>(),
                fields.at("step").get<std::int64_t>(),   fields.at("place").get<std::string>(),
                fields.at("host").get<std::string>(),    fields.at("process").get<std::int64_t>(),
                fields.at("time").get<std::int64_t>(),   fields.at("reported").get<bool>()};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;  // of another version, or not ours
  }
}

}  // namespace

void HeartbeatFile::create(int ranks) const {
  auto file = Descriptor::create(file_);
  file.resize(kSlot * static_cast<std::uint64_t>(ranks));
  file.close();
}

void HeartbeatFile::write(int rank, const Beat& beat) const {
  auto file = Descriptor::open_to_write(file_);
  const auto line = line_of(beat);
  file.write(std::as_bytes(std::span(line)), kSlot * static_cast<std::uint64_t>(rank));
  file.close();
}

std::vector<std::optional<Beat>> HeartbeatFile::read() const {
  const auto file = Descriptor::open_to_read(file_);
  const auto slots = std::min<std::uint64_t>(file.size() / kSlot, kMostRanks);
  std::vector<std::optional<Beat>> beats;
  std::string slot(kSlot, '\0');
  for (std::uint64_t rank = 0; rank < slots; ++rank) {
    file.read(std::as_writable_bytes(std::span(slot)), kSlot * rank);
    beats.push_back(beat_of(slot));
  }
  return beats;
}

void HeartbeatFile::remove() const {
  std::error_code error;
  std::filesystem::remove(file_, error);
}

}  // namespace r1::io
