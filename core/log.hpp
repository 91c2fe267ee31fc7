// Log: a value that messages are given to; copies share one destination, a default-made one is
// silent, so that a library can take one and never ask. There is no global log. Rank 0 logs from
// its level on, other ranks from warnings on, with their rank.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

namespace r1 {

enum class LogLevel { trace, debug, info, warning, error };

/// --color: automatic is yes on a terminal, unless NO_COLOR is set (https://no-color.org) or TERM
/// is "dumb".
enum class ColorMode { automatic, always, never };

std::string_view name(LogLevel level);
std::optional<LogLevel> parse_log_level(
    std::string_view text);  // "trace", "debug", "info", "warning", "error"
std::optional<ColorMode> parse_color_mode(std::string_view text);  // "auto", "always", "never"

/// The rule of ColorMode; no_color and term are the environment's NO_COLOR and TERM, null where
/// unset.
enum class Destination { terminal, other };
bool use_color(ColorMode mode, Destination destination, const char* no_color, const char* term);
/// The same for this process's stderr; progress bars ask, too.
bool use_color_on_stderr(ColorMode mode);

class Log {
 public:
  using Receiver = std::function<void(LogLevel level, std::string_view message)>;

  Log() = default;  // silent
  static Log to_stderr(LogLevel level, ColorMode color = ColorMode::automatic, int rank = 0);
  /// Hands the messages that pass the level to `receiver`, undecorated: tests, files.
  static Log to(Receiver receiver, LogLevel level = LogLevel::trace, int rank = 0);

  /// Whether a message of that level goes anywhere; for messages that are costly to make.
  bool shows(LogLevel level) const;
  void write(LogLevel level, std::string_view message) const;
  void trace(std::string_view message) const { write(LogLevel::trace, message); }
  void debug(std::string_view message) const { write(LogLevel::debug, message); }
  void info(std::string_view message) const { write(LogLevel::info, message); }
  void warning(std::string_view message) const { write(LogLevel::warning, message); }
  void error(std::string_view message) const { write(LogLevel::error, message); }

 private:
  struct State;
  std::shared_ptr<const State> state_;
};

}  // namespace r1
