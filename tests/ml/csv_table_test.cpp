// SPDX-License-Identifier: Apache-2.0
#include "ml/data/csv_table.hpp"

#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>

#include <string>

namespace r1::ml {
namespace {

using Reals = std::vector<double>;
using Texts = std::vector<std::string>;

CsvTable parse(const std::string& text) { return parse_csv(text, "t.csv"); }

std::string message_of(const std::string& text) {
  const auto faults = test::faults_of(parse, text);
  return faults.empty() ? "" : faults[0].text();
}

const std::string kFlowers =
    "length,width,\"kind, by name\",note\n"
    "5.1,3.5,setosa,\"a \"\"short\"\" one\"\n"
    "7.0,-3.2e-1,versicolor,\"two\nlines\"\n"
    "6.3,+3,setosa,plain\n";

TEST(CsvTable, HoldsNumbersAndClasses) {
  const auto table = parse(kFlowers);
  ASSERT_EQ(table.columns.size(), 4U);
  EXPECT_EQ(table.rows(), 3);
  EXPECT_EQ(table.columns[0].name, "length");
  EXPECT_EQ(table.columns[0].values, (Reals{5.1, 7.0, 6.3}));
  EXPECT_TRUE(table.columns[0].classes.empty());
  EXPECT_EQ(table.columns[1].values, (Reals{3.5, -0.32, 3}));
  const auto* kind = table.find("kind, by name");
  ASSERT_NE(kind, nullptr);
  EXPECT_EQ(kind->classes, (Texts{"setosa", "versicolor"}));
  EXPECT_EQ(kind->values, (Reals{0, 1, 0}));
  EXPECT_EQ(table.find("kind"), nullptr);
}

TEST(CsvTable, QuotedCellsHoldQuotesCommasAndLines) {
  EXPECT_EQ(parse(kFlowers).columns.back().classes,
            (Texts{"a \"short\" one", "plain", "two\nlines"}));
}

TEST(CsvTable, ClassesAreInAscendingOrderNotInThatOfTheRows) {
  const auto column = parse("c\nzebra\nant\nzebra\n\xC3\xA9mu\n12\n").columns[0];
  EXPECT_EQ(column.classes, (Texts{"12", "ant", "zebra", "\xC3\xA9mu"}));
  EXPECT_EQ(column.values, (Reals{2, 1, 2, 3, 0}));
}

TEST(CsvTable, LineEndsAndByteOrderMarkDoNotMatter) {
  const auto expected = parse("a,b\n1,x\n2,y\n");
  for (const auto* text : {"a,b\r\n1,x\r\n2,y\r\n",
                           "\xEF\xBB\xBF"
                           "a,b\n1,x\n2,y",
                           "a,b\n1,x\n2,y\n\n \r\n", "\"a\",\"b\"\n\"1\",\"x\"\n\"2\",\"y\""}) {
    const auto table = parse(text);
    ASSERT_EQ(table.columns.size(), 2U) << text;
    EXPECT_EQ(table.columns[0].name, "a") << text;
    EXPECT_EQ(table.columns[0].values, expected.columns[0].values) << text;
    EXPECT_EQ(table.columns[1].classes, expected.columns[1].classes) << text;
  }
}

TEST(CsvTable, BlanksAroundCellsDoNotCount) {
  const auto table = parse("a , b\t,\" c \"\n 1 ,\tx, \" x \" \n2.5,x ,x\n");
  EXPECT_EQ(table.columns[0].values, (Reals{1, 2.5}));
  ASSERT_NE(table.find("b"), nullptr);
  EXPECT_EQ(table.find("b")->classes, Texts{"x"});
  ASSERT_NE(table.find(" c "), nullptr);
  EXPECT_EQ(table.find(" c ")->classes, (Texts{" x ", "x"}));
}

TEST(CsvTable, MayHaveNoRows) {
  EXPECT_EQ(parse("a,b\n").rows(), 0);
  EXPECT_EQ(parse("a,\"2019\"").columns[1].name, "2019");
}

TEST(CsvTable, NumbersAreThoseOfTheCLocale) {
  EXPECT_EQ(parse("a\n.5\n5.\n1E3\n-0\n1e-400\n").columns[0].values, (Reals{0.5, 5, 1000, 0, 0}));
  for (const auto* cell : {"1D2", "0x10", "1 000", "1_000", "5%", "\"1,5\"", "--1"})
    EXPECT_FALSE(parse("a\n1\n" + std::string(cell)).columns[0].classes.empty()) << cell;
}

TEST(CsvTable, NotFiniteIsAClassBesideTextAlone) {
  EXPECT_EQ(parse("a\nnan\n1\nlow\n").columns[0].classes, (Texts{"1", "low", "nan"}));
  for (const auto* cell : {"nan", "NaN", "-inf", "+Infinity", "1e999", "-1e999"})
    EXPECT_NE(message_of("a\n1\n" + std::string(cell)).find("t.csv:3:1: error: found '"),
              std::string::npos)
        << cell;
}

TEST(CsvTable, SaysWhereSeededFaultsAre) {
  const std::vector<test::SeededFault> table = {
      {"width", "", 1, 8, {"column 2 has no name"}},
      {"width", "\"\"", 1, 8, {"column 2 has no name"}},
      {"width", "length", 1, 8, {"columns 1 and 2 are both named 'length'"}},
      {"length", "5.1", 1, 1, {"the number '5.1' in the header", "names of the columns"}},
      {",note", "", 2, 16, {"has 4 cells, expected 3"}},
      {"6.3,+3,setosa,plain", "6.3,+3,setosa", 5, 8, {"has 3 cells, expected 4"}},
      {"6.3,+3", "6,3,+3", 5, 15, {"has 5 cells, expected 4"}},
      {"\n6.3", "\n\n6.3", 5, 1, {"a blank line, expected 4 cells"}},
      {"7.0", "", 3, 1, {"column 'length' has a missing value in line 3"}},
      {"setosa,plain", "  ,plain", 5, 10, {"column 'kind, by name' has a missing value in line 5"}},
      {",plain", ",", 5, 15, {"column 'note' has a missing value in line 5"}},
      {"7.0", "inf", 3, 1, {"found 'inf' in column 'length'", "a finite number"}},
      {"7.0", "\"nan\"", 3, 1, {"found '\"nan\"' in column 'length'"}},
      {"lines\"", "lines", 3, 24, {"the quote that opens here is never closed"}},
      {"\"\"short\"\"", "\"short\"", 2, 20, {"text behind a closing quote"}},
      {"setosa,\"a", "se\"tosa,\"a", 2, 11, {"a quote within a cell"}},
      {"setosa,plain\n",
       "setosa\r,plain\n",
       5,
       14,
       {"a carriage return that no line feed follows"}},
      {"versicolor", "versicolor\xE9", 3, 23, {"byte 0xE9", "not UTF-8"}},
      {"plain", "pl\xC3", 5, 17, {"byte 0xC3", "not UTF-8"}},
  };
  test::expect_faults(parse, kFlowers, table);
}

TEST(CsvTable, SaysWhatTheWholeFileLacks) {
  EXPECT_NE(message_of("").find("is empty, expected a header line"), std::string::npos);
  EXPECT_NE(message_of("\xEF\xBB\xBF\r\n \n").find("is empty"), std::string::npos);
  EXPECT_NE(message_of("a;b\n1;2\n").find("expected commas"), std::string::npos);
  EXPECT_NE(message_of("\xFF\xFE"
                       "a")
                .find("t.csv:1:1: error: found the byte 0xFF"),
            std::string::npos);
}

TEST(CsvTable, ReportsSeveralFaultsAtOnce) {
  const auto faults = test::faults_of(parse, "a,b\n1,\n2\n3,4,5\n,6\n");
  ASSERT_EQ(faults.size(), 4U);
  for (std::size_t k = 0; k < faults.size(); ++k)
    EXPECT_EQ(faults[k].line, static_cast<int>(k) + 2);
  std::string text = "a,b\n";
  for (int k = 0; k < 1000; ++k) text += "1\n";
  EXPECT_EQ(test::faults_of(parse, text).size(), 21U);
}

TEST(CsvTable, FreeTextIsNoColumnOfClasses) {
  std::string text = "n,t\n";
  for (int k = 0; k < 65536; ++k) text += "1,text" + std::to_string(k) + "\n";
  EXPECT_EQ(parse(text).columns[1].classes.size(), 65536U);
  const auto message = message_of(text + "1,another\n");
  EXPECT_NE(message.find("t.csv:2:3: error: column 't' looks like free text"), std::string::npos)
      << message;
  EXPECT_NE(message.find("'text0' is no number"), std::string::npos) << message;
}

TEST(CsvTable, TooManyColumnsAreRefused) {
  std::string text;
  for (int k = 0; k <= 1 << 20; ++k) text += "c" + std::to_string(k) + ",";
  EXPECT_NE(message_of(text + "end\n").find("more than 1048576 columns"), std::string::npos);
}

TEST(CsvTable, DamagedTextsAreReadOrRefused) {
  EXPECT_GT(test::refused_truncations(parse, kFlowers, 1), 50);
  EXPECT_GT(test::refused_mutations(parse, kFlowers, 5000), 2500);
}

TEST(CsvTable, FilesMayBeCompressed) {
  const test::Folder folder;
  test::put(folder / "t.csv", kFlowers);
  test::put_gzip(folder / "t.csv.gz", kFlowers);
  for (const auto* name : {"t.csv", "t.csv.gz"}) EXPECT_EQ(read_csv(folder / name).rows(), 3);
  EXPECT_THROW(read_csv(folder / "none.csv"), ConfigError);
}

}  // namespace
}  // namespace r1::ml
