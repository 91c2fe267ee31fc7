// The log: silence by default, levels, ranks, colours, and what arrives on stderr.
// SPDX-License-Identifier: Apache-2.0
#include "core/log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace r1 {
namespace {

struct Heard {
  std::vector<std::string> lines;
  Log::Receiver receiver() {
    return [this](LogLevel level, std::string_view message) {
      lines.push_back(std::string(name(level)) + ": " + std::string(message));
    };
  }
};

std::string written_to_stderr(const Log& log, LogLevel level, std::string_view message) {
  testing::internal::CaptureStderr();
  log.write(level, message);
  return testing::internal::GetCapturedStderr();
}

TEST(Log, IsSilentWhenNobodyMadeItSpeak) {
  const Log log;
  EXPECT_FALSE(log.shows(LogLevel::error));
  EXPECT_EQ(written_to_stderr(log, LogLevel::error, "nobody hears this"), "");
}

TEST(Log, PassesItsLevelAndAbove) {
  Heard heard;
  const Log log = Log::to(heard.receiver(), LogLevel::info);
  log.trace("a");
  log.debug("b");
  log.info("c");
  log.warning("d");
  log.error("e");
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"info: c", "warning: d", "error: e"}));
  EXPECT_TRUE(log.shows(LogLevel::info));
  EXPECT_FALSE(log.shows(LogLevel::debug));
}

TEST(Log, LetsOtherRanksSpeakFromWarningsOn) {
  Heard heard;
  const Log log = Log::to(heard.receiver(), LogLevel::trace, 3);
  log.info("said by rank 0 already");
  log.warning("mine alone");
  EXPECT_EQ(heard.lines, (std::vector<std::string>{"warning: mine alone"}));
}

TEST(Log, KeepsAStricterLevelOnOtherRanks) {
  Heard heard;
  Log::to(heard.receiver(), LogLevel::error, 1).warning("too low");
  EXPECT_TRUE(heard.lines.empty());
}

TEST(Log, CopiesShareTheDestination) {
  Heard heard;
  const Log log = Log::to(heard.receiver());
  const Log copy = log;
  copy.info("through the copy");
  EXPECT_EQ(heard.lines.size(), 1u);
}

TEST(Log, WritesALineWithLevelAndNoColourWhereThereIsNoTerminal) {
  const Log log = Log::to_stderr(LogLevel::info);
  const std::string line = written_to_stderr(log, LogLevel::warning, "the box is {thin}");
  EXPECT_NE(line.find("warning: the box is {thin}\n"), std::string::npos) << line;
  EXPECT_EQ(line.find('\x1b'), std::string::npos) << line;
}

TEST(Log, ColoursTheLevelWhenAskedTo) {
  const Log log = Log::to_stderr(LogLevel::info, ColorMode::always);
  EXPECT_NE(written_to_stderr(log, LogLevel::error, "x").find('\x1b'), std::string::npos);
}

TEST(Log, NamesTheRankOfOthers) {
  const Log log = Log::to_stderr(LogLevel::info, ColorMode::never, 2);
  EXPECT_NE(written_to_stderr(log, LogLevel::error, "x").find("[rank 2] x"), std::string::npos);
}

TEST(ColorMode, AutomaticIsATerminalWithoutNoColor) {
  const auto automatic = ColorMode::automatic;
  EXPECT_TRUE(use_color(automatic, Destination::terminal, nullptr, "xterm"));
  EXPECT_TRUE(use_color(automatic, Destination::terminal, "", "xterm"));  // empty counts as unset
  EXPECT_FALSE(use_color(automatic, Destination::terminal, "1", "xterm"));
  EXPECT_FALSE(use_color(automatic, Destination::terminal, nullptr, "dumb"));
  EXPECT_FALSE(use_color(automatic, Destination::terminal, nullptr, nullptr));
  EXPECT_FALSE(use_color(automatic, Destination::other, nullptr, "xterm"));
}

TEST(ColorMode, AnExplicitWishWins) {
  EXPECT_TRUE(use_color(ColorMode::always, Destination::other, "1", nullptr));
  EXPECT_FALSE(use_color(ColorMode::never, Destination::terminal, nullptr, "xterm"));
}

TEST(LogLevel, ReadsItsOwnNames) {
  for (const auto level :
       {LogLevel::trace, LogLevel::debug, LogLevel::info, LogLevel::warning, LogLevel::error})
    EXPECT_EQ(parse_log_level(name(level)), level);
  EXPECT_EQ(parse_log_level("loud"), std::nullopt);
  EXPECT_EQ(parse_color_mode("auto"), ColorMode::automatic);
  EXPECT_EQ(parse_color_mode("always"), ColorMode::always);
  EXPECT_EQ(parse_color_mode("never"), ColorMode::never);
  EXPECT_EQ(parse_color_mode("Always"), std::nullopt);
}

}  // namespace
}  // namespace r1
