// SPDX-License-Identifier: Apache-2.0
#include "ml/graph/attributes.hpp"

#include "core/error.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace r1::ml {
namespace {

TEST(Attributes, AreOrderedByName) {
  const Attributes a{{"b", 1.5}, {"a", Integers{1, 2}}}, b{{"a", Integers{1, 2}}, {"b", 1.5}};
  EXPECT_EQ(a, b);
  EXPECT_EQ(a.hash(), b.hash());
  EXPECT_EQ(a.to_text(), "a=[1, 2] b=1.5");
}

TEST(Attributes, TellRealsApartByTheirBits) {
  const Attributes zero{{"x", 0.0}}, minus{{"x", -0.0}}, nan{{"x", std::nan("")}};
  EXPECT_FALSE(zero == minus);
  EXPECT_EQ(nan, nan);
}

TEST(Attributes, TellKindsApart) {
  const Attributes integer{{"x", std::int64_t{1}}}, real{{"x", 1.0}};
  EXPECT_FALSE(integer == real);
  EXPECT_NE(integer.to_text(), real.to_text());
}

TEST(Attributes, SayWhatTheyHaveWhereSomethingIsMissing) {
  const Attributes a{{"axis", std::int64_t{1}}};
  EXPECT_EQ(a.integer("axis"), 1);
  EXPECT_THROW(a.real("axis"), Error);
  try {
    a.integers("axes");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("'axes'"), std::string::npos) << error.what();
  }
}

TEST(Attributes, SetReplaces) {
  Attributes a{{"axis", std::int64_t{1}}};
  a.set("axis", std::int64_t{2}).set("first", std::string("x"));
  EXPECT_EQ(a.to_text(), "axis=2 first=\"x\"");
}

}  // namespace
}  // namespace r1::ml
