// SPDX-License-Identifier: Apache-2.0
#include "io/tokens.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace r1;
using namespace r1::io;

TEST(Tokens, RealsAreReadToTheLastBit) {
  EXPECT_EQ(parse_real("16.795961913825074"), 16.795961913825074);
  EXPECT_EQ(parse_real("-1e-3"), -1e-3);
  EXPECT_EQ(parse_real("+2.5"), 2.5);
  EXPECT_EQ(parse_real(".5"), 0.5);
  EXPECT_EQ(parse_real("1."), 1.0);
  EXPECT_EQ(parse_real("1.5D+03"), 1500.0);
  EXPECT_EQ(parse_real("+1d-2"), 0.01);
  EXPECT_EQ(parse_real("4.9e-324"), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(parse_real("1e-400"), 0.0);
}

TEST(Tokens, WhatIsNoFiniteNumberIsNoReal) {
  for (const char* text :
       {"",     "+",   "-",     ".",   "e5",  "1e",    "1e999", "-1D999", "nan", "inf", "-inf",
        "0x10", "1,5", "1.0.0", "+-1", "++1", "1e5d3", "1d2d3", "1dd",    " 1",  "1 ",  "1f"})
    EXPECT_FALSE(parse_real(text).has_value()) << text;
}

TEST(Tokens, IntegersAreWholeAndFit64Bits) {
  EXPECT_EQ(parse_integer("+7"), 7);
  EXPECT_EQ(parse_integer("-9223372036854775808"), std::numeric_limits<std::int64_t>::min());
  for (const char* text : {"", "1.0", "9223372036854775808", "1e3", "0x1", "+-1", "1 "})
    EXPECT_FALSE(parse_integer(text).has_value()) << text;
}

TEST(Tokens, WordsHaveLineAndColumn) {
  Scanner scanner("a  bc # d e\n\n\t f\r\ng", '#');
  Token token;
  std::string seen;
  while (scanner.next_anywhere(token))
    seen += std::string(token.text) + "@" + std::to_string(token.line) + ":" +
            std::to_string(token.column) + " ";
  EXPECT_EQ(seen, "a@1:1 bc@1:4 f@3:3 g@4:1 ");
}

TEST(Tokens, CommentAndContentAreTrimmed) {
  Scanner scanner("  Atoms  #  full \r\nx", '#');
  ASSERT_TRUE(scanner.next_line());
  EXPECT_EQ(scanner.content(), "Atoms");
  EXPECT_EQ(scanner.comment(), "full");
  EXPECT_EQ(scanner.line(), "  Atoms  #  full ");
  EXPECT_EQ(scanner.whole_line().column, 3);
  EXPECT_EQ(scanner.remaining(), 1U);
  ASSERT_TRUE(scanner.next_line());
  EXPECT_FALSE(scanner.next_line());
}

TEST(Tokens, ALineThatEndsEarlyIsAFaultAtItsEnd) {
  const std::string text = "1 2  # 3\n";
  Scanner scanner(text, '#');
  Faults faults("f", text);
  ASSERT_TRUE(scanner.next_line());
  LineFields line(scanner, faults);
  double xyz[3];
  EXPECT_FALSE(line.reals("x y z", xyz, 3));
  EXPECT_FALSE(line.end("x y z"));  // one fault a line
  try {
    faults.check();
    FAIL();
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.faults().size(), 1U);
    EXPECT_EQ(error.faults()[0].text(),
              "f:1:4: error: the line ends, expected x y z\n  1 2  # 3\n     ^");
  }
}

TEST(Tokens, MessagesShowNoControlCharacters) {
  EXPECT_EQ(in_quotes("a\x1b[31mb"), "'a?[31mb'");
  EXPECT_EQ(in_quotes(std::string(100, 'x')).size(), 45U);
  const std::string text = "\x1b]0;evil\x07 x";
  Faults faults("f", text);
  faults.add({std::string_view(text).substr(9, 1), 1, 10}, "no");
  try {
    faults.check();
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(std::string(error.what()).find('\x1b'), std::string::npos);
  }
}

TEST(Tokens, FaultsComeInFileOrderAndStopAtTwenty) {
  const std::string text = "x\ny\n";
  Faults faults("f", text);
  faults.add_file("whole");
  faults.add({std::string_view(text).substr(2, 1), 2, 1}, "second");
  faults.add({std::string_view(text).substr(0, 1), 1, 1}, "first");
  try {
    faults.check();
    FAIL();
  } catch (const ConfigError& error) {
    ASSERT_EQ(error.faults().size(), 3U);
    EXPECT_EQ(error.faults()[0].message, "first");
    EXPECT_EQ(error.faults()[2].message, "whole");
  }
  for (std::size_t i = 1; i < Faults::kMax; ++i) faults.add_file("again");
  EXPECT_THROW(faults.add_file("one more"), ConfigError);
}

}  // namespace
