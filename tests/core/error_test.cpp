// Errors carry their place, their contexts and, for bad input, all faults in compiler style.
// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

#include <gtest/gtest.h>

#include <string>

namespace r1 {
namespace {

TEST(Error, KnowsTheLineThatThrewIt) {
  const int line = __LINE__ + 1;
  const Error error("the box has no volume");
  EXPECT_EQ(error.where().line, line);
  EXPECT_NE(std::string(error.where().file).find("error_test.cpp"), std::string::npos);
}

TEST(Error, PutsTheOutermostContextFirst) {
  Error error("line 3 is short");
  error.add_context("reading a.data").add_context("building the system");
  EXPECT_STREQ(error.what(), "building the system: reading a.data: line 3 is short");
}

TEST(Error, KeepsItsKindWhenAContextIsAddedAndItIsRethrown) {
  const auto read = [] {
    try {
      throw IoError("read failed");
    } catch (Error& error) {
      error.add_context("reading a.xyz");
      throw;
    }
  };
  EXPECT_THROW(read(), IoError);
}

TEST(Diagnostic, LooksLikeACompilersMessage) {
  const Diagnostic fault{"in.yaml", 14, 7, "unknown key 'time_step'", "  time_step: 1\n  ^"};
  EXPECT_EQ(fault.text(), "in.yaml:14:7: error: unknown key 'time_step'\n  time_step: 1\n  ^");
}

TEST(Diagnostic, LeavesOutLineAndColumnThatItDoesNotHave) {
  EXPECT_EQ((Diagnostic{"in.yaml", 0, 0, "empty file", ""}).text(), "in.yaml: error: empty file");
  EXPECT_EQ((Diagnostic{"a.data", 3, 0, "bad", ""}).text(), "a.data:3: error: bad");
}

TEST(ConfigError, SaysAllFaultsInOrder) {
  const ConfigError error({{"a", 1, 1, "first", ""}, {"a", 2, 1, "second", ""}});
  EXPECT_EQ(error.faults().size(), 2u);
  EXPECT_STREQ(error.what(), "a:1:1: error: first\na:2:1: error: second");
}

TEST(Assertion, NamesExpressionAndPlace) {
  try {
    R1_ASSERT(1 + 1 == 3);
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("1 + 1 == 3"), std::string::npos);
    EXPECT_NE(text.find("error_test.cpp"), std::string::npos);
  }
}

}  // namespace
}  // namespace r1
