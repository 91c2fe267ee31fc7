// SPDX-License-Identifier: Apache-2.0
#include "io/write_file.hpp"

#include "core/error.hpp"
#include "io/json_lines.hpp"
#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <limits>
#include <sys/resource.h>

namespace {

using namespace r1;
using namespace r1::io;
using test::get;
using test::put;

/// Files of this process cannot grow beyond `bytes` while it lives: a full disk in small.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

std::size_t entries(const std::filesystem::path& folder) {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder)) ++count;
  return count;
}

TEST(WriteFile, ReplacesTheContentsAndLeavesNothingElse) {
  const test::Folder folder;
  write_file(folder / "a.json", "old, and longer");
  write_file(folder / "a.json", "new");
  EXPECT_EQ(get(folder / "a.json"), "new");
  EXPECT_EQ(entries(folder / ""), 1U);
}

TEST(WriteFile, KeepsTheOldContentsWhenTheDiskIsFull) {
  const test::Folder folder;
  write_file(folder / "a.json", "old");
  std::string message;
  {
    const FullDisk full(10);
    try {
      write_file(folder / "a.json", std::string(100, 'x'));
    } catch (const IoError& error) {
      message = error.what();
    }
  }
  EXPECT_NE(message.find("100 bytes"), std::string::npos) << message;
  EXPECT_NE(message.find("File too large"), std::string::npos) << message;
  EXPECT_EQ(get(folder / "a.json"), "old");
  EXPECT_EQ(entries(folder / ""), 1U);
}

TEST(WriteFile, NamesThePathThatCannotBeWritten) {
  const test::Folder folder;
  try {
    write_file(folder / "absent/a.json", "x");
    FAIL();
  } catch (const IoError& error) {
    EXPECT_NE(std::string(error.what()).find("absent"), std::string::npos);
    EXPECT_NE(std::string(error.what()).find("No such file"), std::string::npos);
  }
}

TEST(AppendFile, AFailedAppendLeavesWholeLines) {
  const test::Folder folder;
  AppendFile file(folder / "a.csv", AppendFile::Open::replace);
  file.write("0,1,2\n");
  {
    const FullDisk full(9);
    EXPECT_THROW(file.write("1,2,3\n"), IoError);
  }
  EXPECT_EQ(get(folder / "a.csv"), "0,1,2\n");
  file.write("2,3,4\n");
  file.sync();
  EXPECT_EQ(get(folder / "a.csv"), "0,1,2\n2,3,4\n");
}

TEST(AppendFile, ExtendDropsATornLineHoweverLong) {
  const test::Folder folder;
  const auto file = folder / "a.jsonl";
  put(file, "{}\n" + std::string(10000, 'x'));
  EXPECT_EQ(AppendFile(file, AppendFile::Open::extend).size(), 3U);
  EXPECT_EQ(get(file), "{}\n");
  put(file, "torn");
  EXPECT_EQ(AppendFile(file, AppendFile::Open::extend).size(), 0U);
  put(file, "{}\n{}\n");
  EXPECT_EQ(AppendFile(file, AppendFile::Open::extend).size(), 6U);
}

TEST(AppendFile, TruncateCutsAndAppendsGoOnThere) {
  const test::Folder folder;
  AppendFile file(folder / "a", AppendFile::Open::replace);
  file.write("one\ntwo\n");
  file.truncate(4);
  file.write("three\n");
  EXPECT_EQ(get(folder / "a"), "one\nthree\n");
}

TEST(JsonLines, EachEventIsOneObjectWithNameAndTimes) {
  const test::Folder folder;
  const auto file = folder / "run.jsonl";
  JsonLines(file, AppendFile::Open::replace).event("start");
  JsonLines log(file, AppendFile::Open::extend);
  log.event(
      "step",
      {{"step", 7}, {"energy", std::numeric_limits<double>::quiet_NaN()}, {"text", "a\nb\xff"}});
  const std::string text = get(file);
  const std::size_t cut = text.find('\n') + 1;
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 2);
  const auto first = nlohmann::json::parse(text.substr(0, cut));
  const auto second = nlohmann::json::parse(text.substr(cut));
  EXPECT_EQ(first["event"], "start");
  EXPECT_GE(first["seconds"].get<double>(), 0.0);
  EXPECT_EQ(first["time"].get<std::string>().size(),
            std::string("2025-01-31T12:00:00.123Z").size());
  EXPECT_EQ(second["step"], 7);
  EXPECT_TRUE(second["energy"].is_null());
}

}  // namespace
