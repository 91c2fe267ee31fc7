// SPDX-License-Identifier: Apache-2.0
#include "ml/data/characters.hpp"

#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>

#include <string>

namespace r1::ml {
namespace {

using Tokens = std::vector<std::int32_t>;

CharacterText parse(const std::string& text) { return parse_characters(text, "t.txt"); }

/// Code points of one to four bytes, at both ends of each length.
const std::string kAllLengths =
    "a\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\n";

TEST(Characters, TokensAreIndicesIntoTheSortedVocabulary) {
  const auto text = parse("banana\n");
  EXPECT_EQ(text.vocabulary, (std::vector<char32_t>{'\n', 'a', 'b', 'n'}));
  EXPECT_EQ(text.tokens, (Tokens{2, 1, 3, 1, 3, 1, 0}));
}

TEST(Characters, AreCodePointsNotBytes) {
  const auto text = parse(kAllLengths);
  EXPECT_EQ(text.vocabulary, (std::vector<char32_t>{'\n', 'a', 0x7F, 0x80, 0x7FF, 0x800, 0xFFFF,
                                                    0x10000, 0x10FFFF}));
  EXPECT_EQ(text.tokens, (Tokens{1, 2, 3, 4, 5, 6, 7, 8, 0}));
}

TEST(Characters, GiveTheirTextBack) {
  for (const auto& source : {kAllLengths,
                             std::string("\xEF\xBB\xBF"
                                         "a\r\n"),
                             std::string("\0b", 2)}) {
    const auto text = parse(source);
    EXPECT_EQ(to_utf8(text, text.tokens), source);
  }
  EXPECT_EQ(to_utf8(parse("abc"), Tokens{2, 0, 0}), "caa");
  EXPECT_EQ(to_utf8(parse("abc"), {}), "");
}

TEST(Characters, RefuseTokensThatAreNone) {
  const auto text = parse("abc");
  EXPECT_THROW(to_utf8(text, Tokens{3}), Error);
  EXPECT_THROW(to_utf8(text, Tokens{-1}), Error);
}

TEST(Characters, SayWhatIsWrong) {
  const std::pair<std::string, std::string> faults[] = {
      {"", "t.txt: error: is empty"},
      {"one\ntw\xF6\n", "t.txt:2:3: error: found the byte 0xF6, which is not UTF-8"},
      {"\xFF\xFEo", "t.txt:1:1: error: found the byte 0xFF"},
      {"a\n\n\xED\xA0\x80", "t.txt:3:1: error: found the byte 0xED"},
      {"a\xC0\x80", "t.txt:1:2: error: found the byte 0xC0"},
      {"ab\xE2\x82", "t.txt:1:3: error: found the byte 0xE2"},
      {"\xF4\x90\x80\x80", "t.txt:1:1: error: found the byte 0xF4"},
  };
  for (const auto& [bytes, expected] : faults) {
    const auto found = test::faults_of(parse, bytes);
    ASSERT_EQ(found.size(), 1U) << expected;
    EXPECT_NE(found[0].text().find(expected), std::string::npos) << found[0].text();
  }
}

TEST(Characters, DamagedTextsAreReadOrRefused) {
  std::string text;
  for (int k = 0; k < 8; ++k) text += kAllLengths;
  EXPECT_GT(test::refused_truncations(parse, text, 1), 50);
  EXPECT_GT(test::refused_mutations(parse, text, 2000), 1000);
}

TEST(Characters, ShakespeareHasSixtyFive) {
  const auto file = std::filesystem::path(R1_SHARED_DATA_DIR) / "tinyshakespeare/input.txt.gz";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no Shakespeare below " << R1_SHARED_DATA_DIR;
  const auto text = read_characters(file);
  EXPECT_EQ(text.vocabulary.size(), 65U);
  EXPECT_EQ(text.tokens.size(), 1115394U);
  const std::string start = "First Citizen:\nBefore we proceed any further, hear me speak.";
  EXPECT_EQ(to_utf8(text, std::span(text.tokens).first(start.size())), start);
  const test::Folder folder;
  test::put(folder / "plain.txt", to_utf8(text, text.tokens));
  EXPECT_EQ(read_characters(folder / "plain.txt").tokens, text.tokens);
}

}  // namespace
}  // namespace r1::ml
