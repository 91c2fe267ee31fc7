// The strict reader: trees with places, faults in place of silent surprises, and texts made to exhaust a reader.
// SPDX-License-Identifier: Apache-2.0
#include "io/yaml.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace r1::io {
namespace {

YamlDocument read(std::string text) {
  return parse_yaml(
      std::make_shared<const YamlSource>(YamlSource::Kind::file, "a.yaml", std::move(text)));
}

/// "line:column: message" of the first fault.
std::string fault(std::string text) {
  const YamlDocument document = read(std::move(text));
  if (document.faults.empty()) return {};
  const YamlFault& first = document.faults.front();
  return first.place.source->position(first.place.offset) + ": " + first.message;
}

std::string repeated(const std::string& part, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text += part;
  return text;
}

TEST(Yaml, BuildsATreeWithPlaces) {
  const YamlDocument document = read("a: 1\nb:\n  - x\n  - {c: 'y z'}\nd:\n");
  ASSERT_TRUE(document.faults.empty());
  const YamlNode& root = *document.root;
  EXPECT_EQ(root.find("a")->value.text, "1");
  const YamlNode& list = root.find("b")->value;
  ASSERT_EQ(list.items.size(), 2U);
  const YamlNode& text = list.items[1].find("c")->value;
  EXPECT_EQ(text.text, "y z");
  EXPECT_EQ(text.place.source->position(text.place.offset), "4:9");
  EXPECT_EQ(root.find("d")->value.type, YamlNode::Type::null);
  EXPECT_EQ(root.find("e"), nullptr);
}

TEST(Yaml, KeepsScalarsAsTextWhateverTheyLookLike) {
  const YamlDocument document = read("a: no\nb: 010\nc: 1:30\nd: 0x1F\n");
  EXPECT_EQ(document.root->find("a")->value.text, "no");
  EXPECT_EQ(document.root->find("b")->value.text, "010");
  EXPECT_EQ(document.root->find("c")->value.text, "1:30");
  EXPECT_EQ(document.root->find("d")->value.text, "0x1F");
}

TEST(Yaml, CountsColumnsInCodePointsAndIgnoresAByteOrderMark) {
  EXPECT_EQ(fault("\xEF\xBB\xBF{a: \u00C5\u00C5, a: 2}").substr(0, 4), "1:9:");
  EXPECT_EQ(fault("a: 1\r\nb: 2\r\na: 3\r\n"), "3:1: duplicate key 'a' (first at 1:1)");
}

TEST(Yaml, ExpandsAnchors) {
  const YamlDocument document = read("a: &x {b: 1}\nc: [*x, *x]\n");
  ASSERT_TRUE(document.faults.empty());
  EXPECT_EQ(document.root->find("c")->value.items[1].find("b")->value.text, "1");
}

TEST(Yaml, CollectsFaultsThatDoNotStopIt) {
  const YamlDocument document = read("a: !!int 1\na: 2\n<<: {}\nb: !x [1]\n");
  ASSERT_EQ(document.faults.size(), 4U);
  EXPECT_TRUE(document.root);
}

TEST(Yaml, RefusesWhatItsLanguageLeavesOut) {
  EXPECT_EQ(fault(""), "1:1: the file is empty, expected a mapping");
  EXPECT_EQ(fault("# nothing\n"), "1:1: the file is empty, expected a mapping");
  EXPECT_EQ(fault("a: 1\n---\nb: 2\n").substr(0, 4), "2:1:");
  EXPECT_EQ(fault("a: 1\n...\n---\nb: [\n").substr(0, 4), "3:1:");
  EXPECT_EQ(fault("a: &x [1, *x]\n"), "1:11: this alias stands inside the value that it names");
  EXPECT_EQ(fault("a: *x\n").substr(0, 4), "1:4:");
  EXPECT_EQ(fault("&x a: 1\n").substr(0, 10), "1:1: an an");
  EXPECT_EQ(fault("a: \"b\\0c\"\n"), "1:4: found a NUL character in a text");
}

TEST(Yaml, RefusesBytesThatAreNoText) {
  EXPECT_EQ(fault(std::string("a: b\0c\n", 7)),
            "1:5: found a NUL byte: this is not a text file in UTF-8");
  EXPECT_EQ(fault("a: \xC5\n"), "1:4: this is not UTF-8: save the file in that encoding");
  EXPECT_EQ(fault("a: b\nc: \x04\nd: e\n"),
            "2:4: found the control character 0x04, expected plain text");
  EXPECT_EQ(fault(std::string("\xFF\xFE"
                              "a\0",
                              4))
                .substr(0, 21),
            "1:1: this is not UTF-");
}

TEST(Yaml, NamesTabsInTheIndentationAlone) {
  const YamlDocument document = read("a:\n\tb: 1\n  \tc: 2\n");
  ASSERT_EQ(document.faults.size(), 2U);
  EXPECT_EQ(document.faults[0].place.offset, 3U);
  EXPECT_EQ(document.faults[1].place.offset, 11U);
  EXPECT_EQ(fault("a:\t1\t# tabs\n\t# in a comment\n\t\nb: 2\n"), "");
}

TEST(Yaml, BoundsDepthNodesAndBytes) {
  EXPECT_EQ(fault(repeated("[", 32) + repeated("]", 32)), "");
  EXPECT_EQ(fault(repeated("[", 33) + repeated("]", 33)), "1:33: nested deeper than 32 levels");
  EXPECT_EQ(fault("[" + repeated("1,", 49'999) + "]"), "");
  EXPECT_NE(fault("[" + repeated("1,", 50'000) + "]").find("more than 50000 values"),
            std::string::npos);
  EXPECT_EQ(fault("a: " + std::string((1U << 20U) - 3, 'x')), "");
  EXPECT_NE(fault("a: " + std::string((1U << 20U) - 2, 'x')).find("1048577 bytes"),
            std::string::npos);
}

TEST(Yaml, BoundsTheExpansionOfAliases) {
  std::string nodes = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string inner = "*a" + std::to_string(i - 1) + ", ";
    nodes +=
        "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [" + repeated(inner, 10) + "]\n";
  }
  EXPECT_NE(fault(nodes).find("aliases count"), std::string::npos);
  EXPECT_NE(fault("a: &a " + std::string(100'000, 'x') + "\nb: [" + repeated("*a, ", 1000) + "]\n")
                .find("aliases expand"),
            std::string::npos);
  std::string deep = "a0: &a0 [1]\n";
  for (int i = 1; i < 40; ++i)
    deep += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) +
            "]\n";
  EXPECT_NE(fault(deep).find("nested deeper"), std::string::npos);
  std::string nested;  // every level keeps a copy of the levels below
  for (int i = 0; i < 31; ++i) nested += "&n" + std::to_string(i) + " [";
  EXPECT_NE(fault(nested + repeated("1,", 20'000) + repeated("]", 31)).find("more than 50000"),
            std::string::npos);
}

TEST(Yaml, SurvivesTextsMadeToExhaustAReader) {
  using Clock = std::chrono::steady_clock;
  constexpr int kTimes = 100'000;
  for (const auto* part :
       {"[",     "{",  "- ",   "? ",     "a: ",  ": ",   "&a ",    "*a ",        "!a ",
        "!<",    "\"", "'",    "|",      ">",    "%",    "[{",     "{a: ",       "[a, ",
        "}",     "]",  "- - ", "\n",     "- \n", " ",    "?\n",    "--- ",       "---\n",
        "...\n", "# ", ",",    "\"\\\n", "a\n",  "a:\n", "a: b: ", "%TAG ! !\n", "\r"}) {
    const auto begin = Clock::now();
    for (const auto* head : {"", "a: ", "[", "{", "- "}) (void)read(head + repeated(part, kTimes));
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    EXPECT_LT(seconds, 20.0) << "text of '" << part << "'";
  }
}

TEST(Yaml, StopsAfterAHundredFaults) {
  EXPECT_EQ(read("{" + repeated("a: 1, ", 20'000) + "}").faults.size(), 101U);
  EXPECT_EQ(read("[" + repeated("!x 1, ", 20'000) + "]").faults.size(), 101U);
}

TEST(Yaml, ShowsAWindowOfLongLines) {
  const YamlDocument document = read("{a: 1, b: [" + repeated("\u00C5, ", 20'000) +
                                     "], a: 2, c: [" + repeated("x, ", 2000) + "]}");
  ASSERT_EQ(document.faults.size(), 1U);
  const YamlFault& first = document.faults.front();
  const Diagnostic shown = first.place.diagnostic(first.message);
  EXPECT_LT(shown.excerpt.size(), 600U);
  EXPECT_EQ(shown.excerpt.substr(0, 5), "  ...");
}

}  // namespace
}  // namespace r1::io
