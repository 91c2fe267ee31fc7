// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace r1 {
namespace {

TEST(Text, TrimsBlanksOnBothSides) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(Text, AcceptsUtf8OfAllLengths) {
  const std::string text = "a\u00C5\u207B\U0001F600";
  EXPECT_EQ(first_invalid_utf8(text), std::string_view::npos);
  EXPECT_EQ(code_points(text), 4U);
}

TEST(Text, FindsTheFirstByteThatIsNotUtf8) {
  // Latin-1 Å; a lone continuation; overlong '/'; a surrogate; above U+10FFFF; cut short.
  for (const std::string bad :
       {"\xC5", "\x80", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80", "\xE2\x82", "\xF0\x9F\x98"}) {
    EXPECT_EQ(first_invalid_utf8("ab" + bad), 2U) << testing::PrintToString(bad);
    EXPECT_EQ(first_invalid_utf8("ab" + bad + "c"), 2U) << testing::PrintToString(bad);
  }
}

TEST(Text, CountsInsertionsDeletionsSubstitutionsAndSwaps) {
  EXPECT_EQ(edit_distance("", "abc"), 3U);
  EXPECT_EQ(edit_distance("abc", ""), 3U);
  EXPECT_EQ(edit_distance("timestep", "timestep"), 0U);
  EXPECT_EQ(edit_distance("time_step", "timestep"), 1U);
  EXPECT_EQ(edit_distance("tmiestep", "timestep"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("ca", "abc"), 3U);  // 2 without the restriction to optimal alignments
}

TEST(Text, SuggestsWhatWasProbablyMeant) {
  const std::vector<std::string> names = {"steps", "timestep", "temperature", "none"};
  EXPECT_EQ(nearest_name("Time-Step", names), "timestep");
  EXPECT_EQ(nearest_name("setps", names), "steps");
  EXPECT_EQ(nearest_name("temp", names), "temperature");
  EXPECT_EQ(nearest_name("no", names), std::nullopt);
  EXPECT_EQ(nearest_name("pressure", names), std::nullopt);
  EXPECT_EQ(nearest_name("", names), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(1000, 's'), names), std::nullopt);
}

TEST(Text, ShortensWithoutCuttingCodePoints) {
  EXPECT_EQ(shortened("\u00C5\u00C5\u00C5", 2), "\u00C5\u00C5...");
  EXPECT_EQ(shortened("ab", 2), "ab");
  EXPECT_EQ(shortened("a\nb\x1B", 9), "a?b?");
}

TEST(Text, JoinsAndReplaces) {
  EXPECT_EQ(joined({}), "");
  EXPECT_EQ(joined({"a"}), "a");
  EXPECT_EQ(joined({"a", "b"}, " and "), "a and b");
  EXPECT_EQ(replaced("aXXbX", "X", "yy"), "ayyyybyy");
  EXPECT_EQ(replaced("", "X", "y"), "");
}

}  // namespace
}  // namespace r1
