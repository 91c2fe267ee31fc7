// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/ansicolor_sink.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>
#include <unistd.h>
#include <utility>

namespace r1 {
namespace {

struct LevelName {
  LogLevel level;
  std::string_view text;
  spdlog::level::level_enum of_spdlog;
};
constexpr std::array<LevelName, 5> kLevels{{{LogLevel::trace, "trace", spdlog::level::trace},
                                            {LogLevel::debug, "debug", spdlog::level::debug},
                                            {LogLevel::info, "info", spdlog::level::info},
                                            {LogLevel::warning, "warning", spdlog::level::warn},
                                            {LogLevel::error, "error", spdlog::level::err}}};

const LevelName& entry(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

/// Every rank says the same at info; above that a rank's voice is its own.
LogLevel level_of_rank(LogLevel level, int rank) {
  return rank == 0 ? level : std::max(level, LogLevel::warning);
}

}  // namespace

struct Log::State {
  LogLevel level;
  Receiver receiver;
};

std::string_view name(LogLevel level) { return entry(level).text; }

std::optional<LogLevel> parse_log_level(std::string_view text) {
  for (const auto& known : kLevels)
    if (known.text == text) return known.level;
  return {};
}

std::optional<ColorMode> parse_color_mode(std::string_view text) {
  if (text == "auto") return ColorMode::automatic;
  if (text == "always") return ColorMode::always;
  if (text == "never") return ColorMode::never;
  return {};
}

bool use_color(ColorMode mode, Destination destination, const char* no_color, const char* term) {
  if (mode != ColorMode::automatic) return mode == ColorMode::always;
  const bool refused = no_color && *no_color != '\0';
  const bool dumb = !term || std::string_view(term) == "dumb";
  return destination == Destination::terminal && !refused && !dumb;
}

bool use_color_on_stderr(ColorMode mode) {
  const auto destination = isatty(STDERR_FILENO) == 1 ? Destination::terminal : Destination::other;
  return use_color(mode, destination, std::getenv("NO_COLOR"), std::getenv("TERM"));
}

Log Log::to_stderr(LogLevel level, ColorMode color, int rank) {
  const auto mode =
      use_color_on_stderr(color) ? spdlog::color_mode::always : spdlog::color_mode::never;
  // Made directly: spdlog::create() would enter it into a global registry.
  auto sink = std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>(mode);
  auto logger = std::make_shared<spdlog::logger>(std::string(), std::move(sink));
  const std::string of_rank = rank == 0 ? "" : "[rank " + std::to_string(rank) + "] ";
  logger->set_pattern("%H:%M:%S %^%l%$: " + of_rank + "%v");
  logger->set_level(spdlog::level::trace);  // sorted out here, the same for every receiver
  return to(
      [logger](LogLevel of_message, std::string_view message) {
        logger->log(entry(of_message).of_spdlog, message);
      },
      level, rank);
}

Log Log::to(Receiver receiver, LogLevel level, int rank) {
  Log log;
  log.state_ =
      std::make_shared<const State>(State{level_of_rank(level, rank), std::move(receiver)});
  return log;
}

bool Log::shows(LogLevel level) const { return state_ && level >= state_->level; }

void Log::write(LogLevel level, std::string_view message) const {
  if (shows(level)) state_->receiver(level, message);
}

}  // namespace r1
