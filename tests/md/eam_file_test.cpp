// Readers of tables: valid files of the three formats, files with seeded faults, damaged texts; resampling and splines.
// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/eam_file.hpp"

#include "md/potentials/eam_tables.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "../io/hostile.hpp"

namespace r1::test {
namespace {

using md::EamFormat;

const std::string kFuncfl =
    "a table UNITS: metal\n"
    "29 63.55 3.615 FCC\n"
    "6 0.1 7 0.5 3.0\n"
    "0 -1 -2 -3 -4 -5\n"
    "11 10 9 8 7\n6 5\n"
    "1 2 3 4 5 6 7\n";

std::string setfl(const std::string& densities_a, const std::string& densities_b) {
  return "first\nsecond\nthird\n"
         "2 Cu Zr\n"
         "6 0.1 7 0.5 3.0\n"
         "29 63.55 3.6 fcc\n"
         "0 1 2 3 4 5\n" +
         densities_a +
         "40 91.22 3.2 hcp\n"
         "0 2 4 6 8 10\n" +
         densities_b +
         "1 1 1 1 1 1 1\n"
         "2 2 2 2\n2 2 2\n"
         "3 3 3 3 3 3 3\n";
}
const std::string kAlloy = setfl("1 2 3 4 5 6 7\n", "7 6 5 4 3 2 1\n");
const std::string kFs =
    setfl("10 0 0 0 0 0 0\n11 0 0 0 0 0 0\n", "20 0 0 0 0 0 0\n21 0 0 0 0 0 0\n");

auto parser(EamFormat format) {
  return [format](const std::string& text) { return md::parse_eam_file(text, "t.eam", format); };
}

TEST(EamFile, ReadsFuncfl) {
  const auto file = parser(EamFormat::funcfl)(kFuncfl);
  EXPECT_EQ(file.n_rho, 6);
  EXPECT_EQ(file.n_r, 7);
  EXPECT_EQ(file.d_r, 0.5);
  EXPECT_EQ(file.cutoff, 3.0);
  ASSERT_EQ(file.elements.size(), 1u);
  EXPECT_EQ(file.elements[0].embedding.back(), -5);
  EXPECT_EQ(file.elements[0].effective_charge.back(), 5);
  EXPECT_EQ(file.elements[0].density[0].back(), 7);
}

TEST(EamFile, ReadsAlloy) {
  const auto file = parser(EamFormat::alloy)(kAlloy);
  ASSERT_EQ(file.elements.size(), 2u);
  EXPECT_EQ(file.elements[1].name, "Zr");
  EXPECT_EQ(file.elements[1].embedding[5], 10);
  EXPECT_EQ(file.elements[1].density[0][0], 7);
  ASSERT_EQ(file.pair.size(), 3u);
  EXPECT_EQ(file.pair_of(0, 1)[0], 2);
  EXPECT_EQ(file.pair_of(1, 0)[6], 2);
  EXPECT_EQ(file.pair_of(1, 1)[0], 3);
}

TEST(EamFile, ReadsFinnisSinclair) {
  const auto file = parser(EamFormat::fs)(kFs);
  EXPECT_EQ(file.elements[0].density[1][0], 11);
  EXPECT_EQ(file.elements[1].density[0][0], 20);
  // What Zr makes at Cu is Zr's first density.
  const auto tables = md::tabulate_setfl(file, {0, 1});
  EXPECT_EQ(tables.density[static_cast<std::size_t>(tables.density_of[1 * 2 + 0])][0], 20);
  const auto swapped = md::tabulate_setfl(file, {1, 0});
  EXPECT_EQ(swapped.density[static_cast<std::size_t>(swapped.density_of[0 * 2 + 1])][0], 20);
  EXPECT_EQ(swapped.pair[static_cast<std::size_t>(swapped.pair_of[0])][0], 3);
}

TEST(EamFile, ReadsGzip) {
  const Folder folder;
  put_gzip(folder / "t.eam.alloy.gz", kAlloy);
  EXPECT_EQ(md::read_eam_file(folder / "t.eam.alloy.gz", EamFormat::alloy).pair.size(), 3u);
  EXPECT_THROW(md::read_eam_file(folder / "absent.eam", EamFormat::funcfl), ConfigError);
}

TEST(EamFile, TellsFormatsByTheirNames) {
  EXPECT_EQ(md::eam_format_of_file("a/Cu_u3.eam"), EamFormat::funcfl);
  EXPECT_EQ(md::eam_format_of_file("CuNi.eam.alloy.gz"), EamFormat::alloy);
  EXPECT_EQ(md::eam_format_of_file("x.setfl"), EamFormat::alloy);
  EXPECT_EQ(md::eam_format_of_file("CuZr_mm.eam.fs"), EamFormat::fs);
  EXPECT_FALSE(md::eam_format_of_file("copper.txt"));
}

TEST(EamFile, ReportsFaultsOfFuncfl) {
  expect_faults(parser(EamFormat::funcfl), kFuncfl,
                {{"UNITS: metal", "UNITS: real", 1, 16, {"real", "metal"}},
                 {"29 63", "Cu 63", 2, 1, {"Cu", "atomic number"}},
                 {"63.55", "-1", 2, 4, {"-1", "mass"}},
                 {"6 0.1", "5 0.1", 3, 1, {"5", "densities"}},
                 {"6 0.1", "6000000000000 0.1", 3, 1, {"densities"}},
                 {"6 0.1", "9000000 0.1", 3, 0, {"9000014 numbers", "room"}},
                 {"0.1", "0", 3, 3, {"spacing"}},
                 {"0.1", "1e-300", 3, 3, {"spacing"}},
                 {"7 0.5", "7 -0.5", 3, 9, {"spacing"}},
                 {"0.5 3.0", "0.5 3.6", 3, 13, {"cutoff", "3.6"}},
                 {"0.5 3.0", "0.5 0", 3, 13, {"cutoff"}},
                 {"0.5 3.0", "0.5 3.0 1", 3, 17, {"'1'", "end of the line"}},
                 {"0.5 3.0", "0.5", 3, 12, {"the line ends", "cutoff"}},
                 {"-3", "nan", 4, 0, {"nan", "number 4 of 6 of F(rho)"}},
                 {"-3", "1e999", 4, 0, {"1e999", "finite"}},
                 {"-4 -5\n", "-4 -5 -6\n", 4, 18, {"-6", "6 numbers of F(rho)"}},
                 {"6 5\n", "6\n", 7, 0, {"'2'", "7 numbers of Z(r)"}},
                 {"6 7\n", "6\n", 7, 0, {"ends after 6 of 7", "rho(r)"}},
                 {"6 7\n", "6 7\n8\n", 8, 1, {"'8'", "end of the file"}}});
}

TEST(EamFile, ReportsFaultsOfSetfl) {
  expect_faults(parser(EamFormat::alloy), kAlloy,
                {{"2 Cu Zr", "3 Cu Zr", 4, 8, {"name of element 3 of 3"}},
                 {"2 Cu Zr", "2 Cu Zr Ni", 4, 9, {"Ni"}},
                 {"2 Cu Zr", "2 Cu Cu", 4, 6, {"Cu", "twice"}},
                 {"2 Cu Zr", "0", 4, 1, {"number of elements"}},
                 {"2 Cu Zr", "99999999999999999999 Cu", 4, 1, {"number of elements"}},
                 {"40 91.22", "hcp 91.22", 9, 1, {"hcp", "Zr"}},
                 {"4 3 2 1\n", "4 3 2\n", 12, 3, {"'1'", "rho(r) of Zr"}},
                 {"2 2 2\n3", "2 2 x\n3", 14, 5, {"'x'", "number 7 of 7 of r phi(r) of Zr-Cu"}}});
  // A file of the wrong format.
  EXPECT_EQ(outcome(parser(EamFormat::fs), kAlloy), Outcome::refused);
  EXPECT_EQ(outcome(parser(EamFormat::alloy), kFs), Outcome::refused);
  EXPECT_EQ(outcome(parser(EamFormat::funcfl), kAlloy), Outcome::refused);
  EXPECT_EQ(outcome(parser(EamFormat::alloy), kFuncfl), Outcome::refused);
}

TEST(EamFile, ReportsAllFaultsOfATable) {
  const auto faults =
      faults_of(parser(EamFormat::funcfl), with(with(kFuncfl, "-1", "x"), "-4", "inf"));
  ASSERT_EQ(faults.size(), 2u);
  EXPECT_EQ(faults[1].column, 11);
}

TEST(EamFile, SurvivesDamage) {
  for (const auto& [format, text] :
       {std::pair{EamFormat::funcfl, kFuncfl}, std::pair{EamFormat::alloy, kAlloy},
        std::pair{EamFormat::fs, kFs}}) {
    // The last line's end alone may be missing; cut in its last number, that number is another.
    EXPECT_GE(refused_truncations(parser(format), text, 1), static_cast<int>(text.size()) - 2);
    EXPECT_GT(refused_mutations(parser(format), text, 2000), 500);
  }
}

TEST(EamTables, ResamplingKeepsKnotsAndDropsTheLast) {
  const auto file = parser(EamFormat::funcfl)(kFuncfl);
  const auto tables = md::tabulate_funcfl({file});
  EXPECT_EQ(tables.n_r, 6);
  EXPECT_EQ(tables.n_rho, 5);
  for (std::size_t m = 0; m < 6; ++m) {
    EXPECT_DOUBLE_EQ(tables.density[0][m], static_cast<double>(m + 1));
    const double charge = 11 - static_cast<double>(m);
    EXPECT_DOUBLE_EQ(tables.pair[0][m], 27.2 * 0.529 * charge * charge);
  }
}

TEST(EamTables, SeveralFilesShareTheCoarsestGridAndTheLongestRange) {
  auto fine = parser(EamFormat::funcfl)(kFuncfl), coarse = fine;
  coarse.d_r = 1.0;
  const auto tables = md::tabulate_funcfl({fine, coarse});
  EXPECT_EQ(tables.d_r, 1.0);
  EXPECT_EQ(tables.n_r, 6);
  EXPECT_DOUBLE_EQ(tables.density[0][2], 5);  // at 2.0 the fine file's fifth point
  EXPECT_DOUBLE_EQ(tables.density[1][2], 3);
  EXPECT_DOUBLE_EQ(tables.pair[static_cast<std::size_t>(tables.pair_of[1])][2],
                   27.2 * 0.529 * 7 * 9);
}

TEST(EamTables, SplineHasTheFieldsSlopes) {
  // A cubic: inner slopes of the five-point formula are exact, the outer four are as the convention says.
  std::vector<double> f;
  for (int m = 0; m < 8; ++m) f.push_back(std::pow(m, 3));
  std::vector<double> rows;
  md::append_spline(f, 1, rows);
  ASSERT_EQ(rows.size(), 7u * 4u);
  const double slopes[7] = {1, 4, 12, 27, 48, 75, (343.0 - 125.0) / 2};
  for (std::size_t m = 0; m < 7; ++m) {
    EXPECT_DOUBLE_EQ(rows[4 * m], f[m]);
    EXPECT_DOUBLE_EQ(rows[4 * m + 1], slopes[m]);
    EXPECT_DOUBLE_EQ(rows[4 * m] + rows[4 * m + 1] + rows[4 * m + 2] + rows[4 * m + 3], f[m + 1]);
    const double end = rows[4 * m + 1] + 2 * rows[4 * m + 2] + 3 * rows[4 * m + 3];
    EXPECT_DOUBLE_EQ(end, m < 6 ? slopes[m + 1] : 343.0 - 216.0);
  }
}

}  // namespace
}  // namespace r1::test
