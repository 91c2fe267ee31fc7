// SPDX-License-Identifier: Apache-2.0
#include "io/text_file.hpp"

#include "core/error.hpp"
#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>

namespace {

using namespace r1;
using namespace r1::io;
using test::put;
using test::put_gzip;

std::string message_of(const std::filesystem::path& file, std::uint64_t limit = kMaxTextBytes) {
  try {
    read_text_file(file, limit);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(TextFile, ReadsPlainAndGzipAlikeWhateverTheName) {
  const test::Folder folder;
  std::string text;
  for (int i = 0; i < 50000; ++i) text += std::to_string(i * 7919) + "\n";
  put(folder / "plain.txt", text);
  put_gzip(folder / "packed.txt.gz", text);
  put_gzip(folder / "packed.txt", text);
  put(folder / "plain.gz", text);
  for (const char* name : {"plain.txt", "packed.txt.gz", "packed.txt", "plain.gz"})
    EXPECT_EQ(read_text_file(folder / name), text) << name;
}

TEST(TextFile, ReadsAnEmptyFile) {
  const test::Folder folder;
  put(folder / "empty", "");
  EXPECT_EQ(read_text_file(folder / "empty"), "");
  EXPECT_TRUE(read_text_head(folder / "empty", 10).complete);
}

TEST(TextFile, HeadStopsWhereAskedAndTellsWhetherThereIsMore) {
  const test::Folder folder;
  put_gzip(folder / "a.gz", "0123456789");
  const TextHead part = read_text_head(folder / "a.gz", 9);
  EXPECT_EQ(part.text, "012345678");
  EXPECT_FALSE(part.complete);
  const TextHead whole = read_text_head(folder / "a.gz", 10);
  EXPECT_EQ(whole.text, "0123456789");
  EXPECT_TRUE(whole.complete);
}

TEST(TextFile, RefusesMissingFilesAndFolders) {
  const test::Folder folder;
  EXPECT_NE(message_of(folder / "absent").find("No such file"), std::string::npos);
  std::filesystem::create_directory(folder / "sub");
  EXPECT_NE(message_of(folder / "sub").find("no regular file"), std::string::npos);
}

TEST(TextFile, RefusesPipesInsteadOfWaitingForThem) {
  EXPECT_NE(message_of("/dev/zero").find("no regular file"), std::string::npos);
}

TEST(TextFile, RefusesASmallFileThatUnpacksBeyondTheLimit) {
  const test::Folder folder;
  put_gzip(folder / "bomb.gz", std::string(8 << 20, '0'));
  ASSERT_LT(std::filesystem::file_size(folder / "bomb.gz"), 20000U);
  const std::string message = message_of(folder / "bomb.gz", 1 << 20);
  EXPECT_NE(message.find("longer than 1048576 bytes"), std::string::npos) << message;
}

TEST(TextFile, RefusesGzipThatIsCutOrDamaged) {
  const test::Folder folder;
  std::string text;
  for (int i = 0; i < 20000; ++i) text += std::to_string(i * 7919) + "\n";
  put_gzip(folder / "a.gz", text);
  const std::string bytes = test::get(folder / "a.gz");
  for (const std::size_t size : {bytes.size() - 1, bytes.size() - 8, bytes.size() / 2}) {
    put(folder / "cut.gz", bytes.substr(0, size));
    EXPECT_NE(message_of(folder / "cut.gz").find("truncated gzip"), std::string::npos) << size;
  }
  std::string flipped = bytes;
  flipped[bytes.size() / 2] = static_cast<char>(flipped[bytes.size() / 2] ^ 0x10);
  put(folder / "flipped.gz", flipped);
  EXPECT_NE(message_of(folder / "flipped.gz").find("damaged"), std::string::npos);
}

}  // namespace
