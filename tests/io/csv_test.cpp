// SPDX-License-Identifier: Apache-2.0
#include "io/csv.hpp"

#include "core/error.hpp"
#include "io/tokens.hpp"
#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>

namespace {

using namespace r1;
using namespace r1::io;
using test::get;
using test::put;

const std::vector<std::string> kColumns{"step", "time", "temperature"};
bool every(std::int64_t) { return true; }

TEST(Csv, RowsAreThereAtOnceAndReadBackToTheSameBits) {
  const test::Folder folder;
  CsvWriter csv(folder / "a.csv", kColumns);
  EXPECT_EQ(get(folder / "a.csv"), "step,time,temperature\n");
  csv.row(0, std::array{0.1, -1.0 / 3.0});
  EXPECT_EQ(get(folder / "a.csv"),
            "step,time,temperature\n0,0.10000000000000001,-0.33333333333333331\n");
}

TEST(Csv, SeventeenDigitsKeepEveryDouble) {
  for (const double value :
       {0.1, 1.0 / 3.0, 6.02214076e23, -4.9e-324, 1.7976931348623157e308, -0.0}) {
    std::string text;
    append_real(text, value);
    EXPECT_EQ(parse_real(text), value) << text;
  }
  std::string text;
  append_real(text, -std::numeric_limits<double>::quiet_NaN());
  text += ' ';
  append_real(text, -std::numeric_limits<double>::infinity());
  EXPECT_EQ(text, "nan -inf");
}

TEST(Csv, ResumeKeepsTheAcceptedRowsAndDropsATornLine) {
  const test::Folder folder;
  const auto file = folder / "a.csv";
  put(file, "step,time,temperature\n0,0,1\n100,1,2\n150,1.5,3\n200,2,");
  {
    CsvWriter csv =
        CsvWriter::resume(file, kColumns, [](std::int64_t step) { return step <= 100; });
    csv.row(200, std::array{2.0, 4.0});
  }
  EXPECT_EQ(get(file), "step,time,temperature\n0,0,1\n100,1,2\n200,2,4\n");
  CsvWriter::resume(file, kColumns, every);
  EXPECT_EQ(get(file), "step,time,temperature\n0,0,1\n100,1,2\n200,2,4\n");
}

TEST(Csv, ResumeStartsAFileThatIsMissingOrHasNoWholeHeader) {
  const test::Folder folder;
  CsvWriter::resume(folder / "new.csv", kColumns, every);
  put(folder / "torn.csv", "step,ti");
  CsvWriter::resume(folder / "torn.csv", kColumns, every);
  EXPECT_EQ(get(folder / "new.csv"), "step,time,temperature\n");
  EXPECT_EQ(get(folder / "torn.csv"), "step,time,temperature\n");
}

TEST(Csv, ResumeLeavesForeignFilesAlone) {
  const test::Folder folder;
  const auto file = folder / "a.csv";
  for (const char* text : {"step,time\n0,0\n", "step,time,temperature\n0,0\n",
                           "step,time,temperature\nx,0,0\n", "\n"}) {
    put(file, text);
    EXPECT_THROW(CsvWriter::resume(file, kColumns, every), ConfigError) << text;
    EXPECT_EQ(get(file), text);
  }
}

}  // namespace
