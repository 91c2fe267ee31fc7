// SPDX-License-Identifier: Apache-2.0
#include "io/lammps_data.hpp"

#include "core/error.hpp"
#include "io/read_structure.hpp"
#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using namespace r1;
using namespace r1::io;
using test::SeededFault;

const std::filesystem::path kData = std::filesystem::path(R1_SHARED_DATA_DIR) / "md_reference";

/// 41 lines, style full: images, tilt, ids with a gap, Velocities in another order, an exponent of Fortran's.
const std::string kFull = R"(water, more or less

4 atoms
2 bonds
1 angles
2 atom types
1 bond types
1 angle types

0 10 xlo xhi
0 11 ylo yhi
-1 12 zlo zhi
0.5 -0.5 0.25 xy xz yz

Masses

1 15.9994
2 1.008

Atoms # full

1 1 1 -0.8 1 2 3 0 0 -1
2 1 2 0.4 1.5 2 3 0 0 0
3 1 2 0.4 1 2.5 3 0 0 0
40 2 1 0 -5 20 3.25 1 0 0

Velocities

1 0.1 0.2 0.3
2 0 0 0
40 1e-3 -1D-3 +2
3 4 5 6

Bonds

1 1 1 2
2 1 1 3

Angles

1 1 2 1 3
)";

const std::string kAtomic = R"(two atoms
2 atoms
1 atom types
0 1 xlo xhi
0 1 ylo yhi
0 1 zlo zhi
Atoms
1 1 0 0 0
2 1 0.5 0.5 0.5
)";

Structure parse(const std::string& text) { return parse_lammps_data(text, "t.data"); }
Structure parse_atomic(const std::string& text) {
  return parse_lammps_data(text, "t.data", AtomStyle::atomic);
}

TEST(LammpsData, ReadsEverythingThatItAccepts) {
  const Structure s = parse(kFull);
  EXPECT_EQ(s.source, "t.data");
  EXPECT_EQ(s.units, StructureUnits::style);
  EXPECT_EQ(s.id, (std::vector<std::int64_t>{1, 2, 3, 40}));
  EXPECT_EQ(s.type, (std::vector<std::int32_t>{0, 1, 1, 0}));
  EXPECT_EQ(s.molecule, (std::vector<std::int64_t>{1, 1, 1, 2}));
  EXPECT_EQ(s.charge, (std::vector<double>{-0.8, 0.4, 0.4, 0.0}));
  EXPECT_EQ(s.position[3], (Vec3{-5, 20, 3.25}));
  EXPECT_EQ(s.image[0], (Int3{0, 0, -1}));
  EXPECT_EQ(s.image[3], (Int3{1, 0, 0}));
  EXPECT_EQ(s.velocity[2], (Vec3{4, 5, 6}));
  EXPECT_EQ(s.velocity[3], (Vec3{1e-3, -1e-3, 2}));
  EXPECT_EQ(s.species, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(s.mass, (std::vector<double>{15.9994, 1.008}));
  ASSERT_EQ(s.bonds.size(), 2U);
  EXPECT_EQ(s.bonds[1].atoms, (std::vector<std::int64_t>{1, 3}));
  ASSERT_EQ(s.angles.size(), 1U);
  EXPECT_EQ(s.angles[0].type, 0);
  EXPECT_EQ(s.angles[0].atoms, (std::vector<std::int64_t>{2, 1, 3}));
  ASSERT_TRUE(s.cell.has_value());
  EXPECT_EQ(s.cell->origin, (Vec3{0, 0, -1}));
  EXPECT_EQ(s.cell->vectors, (std::array<Vec3, 3>{{{10, 0, 0}, {0.5, 11, 0}, {-0.5, 0.25, 13}}}));
}

TEST(LammpsData, TypeLabelsNameSpeciesAndServeInAtomsAndMasses) {
  std::string text =
      test::with(kAtomic, "Atoms\n", "Atom Type Labels\n1 Cu\nMasses\nCu 63.5\nAtoms\n");
  text = test::with(text, "1 1 0 0 0", "1 Cu 0 0 0");
  const Structure s = parse_atomic(text);
  EXPECT_EQ(s.species, std::vector<std::string>{"Cu"});
  EXPECT_EQ(s.mass, std::vector<double>{63.5});
  EXPECT_EQ(s.type, (std::vector<std::int32_t>{0, 0}));
  EXPECT_EQ(test::faults_of(parse_atomic, test::with(text, "2 1 0.5", "2 Zr 0.5"))[0].line, 13);
}

TEST(LammpsData, StyleComesFromTheCommentOrTheArgument) {
  EXPECT_EQ(parse_atomic(kAtomic).size(), 2U);
  EXPECT_EQ(parse(test::with(kAtomic, "Atoms", "Atoms  # atomic ")).size(), 2U);
  const auto absent = test::faults_of(parse, kAtomic);
  ASSERT_EQ(absent.size(), 1U);
  EXPECT_EQ(absent[0].line, 7);
  EXPECT_NE(absent[0].message.find("atom_style"), std::string::npos);
  const auto other = test::faults_of(parse, test::with(kAtomic, "Atoms", "Atoms # sphere"));
  EXPECT_NE(other[0].message.find("'sphere'"), std::string::npos);
  EXPECT_FALSE(test::faults_of(parse_atomic, kFull).empty());  // contradicts the comment
  for (const char* known : {"atomic", "charge", "molecular", "full"})
    EXPECT_EQ(name(*atom_style(known)), known);
  EXPECT_EQ(atom_style("bond"), AtomStyle::molecular);
  EXPECT_FALSE(atom_style("body").has_value());
}

TEST(LammpsData, MasslessFilesLeaveMassesToTheInput) {
  EXPECT_TRUE(parse_atomic(kAtomic).mass.empty());
  EXPECT_TRUE(parse_atomic(kAtomic).image.empty());
  EXPECT_TRUE(parse_atomic(kAtomic).velocity.empty());
}

TEST(LammpsData, NamesLineColumnAndRemedyOfEachFaultInTheHeader) {
  test::expect_faults(
      parse, kFull,
      std::vector<SeededFault>{
          {"4 atoms", "999999999999 atoms", 3, 1, {"999999999999", "cannot hold"}},
          {"4 atoms", "-4 atoms", 3, 1, {"'-4'", "integer"}},
          {"4 atoms", "0 atoms", 3, 1, {"at least 1"}},
          {"4 atoms", "4.0 atoms", 3, 1, {"'4.0'", "integer"}},
          {"4 atoms", "9223372036854775808 atoms", 3, 1, {"integer"}},
          {"4 atoms", "4 4 atoms", 3, 5, {"2 numbers", "expected 1"}},
          {"2 bonds", "888888888 bonds", 4, 1, {"cannot hold"}},
          {"2 atom types", "999999999 atom types", 6, 1, {"65535"}},
          {"1 bond types", "1 bond typos", 7, 3, {"unknown header keyword", "'bond typos'"}},
          {"1 bond types\n", "\n", 34, 1, {"'Bonds'", "no types"}},
          {"0 10 xlo xhi", "10 0 xlo xhi", 10, 4, {"lower bound first"}},
          {"0 10 xlo xhi", "0 nan xlo xhi", 10, 3, {"'nan'", "finite"}},
          {"0 10 xlo xhi", "1 2 3 avec", 10, 7, {"'avec'", "triclinic"}},
          {"0 10 xlo xhi", "0 10 ylo yhi", 11, 6, {"second header line", "ylo yhi"}},
          {"-0.5 0.25 xy", "-0.5 xy", 13, 10, {"2 numbers", "expected 3"}},
          {"1 angle types", "1 lines", 8, 3, {"'lines'", "not supported"}},
          {"0 11 ylo yhi\n", "", 0, 0, {"no line 'ylo yhi'"}},
          {"2 atom types\n", "", 0, 0, {"no line 'atom types'"}}});
}

TEST(LammpsData, NamesLineColumnAndRemedyOfEachFaultInTheSections) {
  test::expect_faults(
      parse, kFull,
      std::vector<SeededFault>{
          {"2 1.008", "3 1.008", 18, 1, {"'3'", "atom type from 1 to 2"}},
          {"2 1.008", "1 1.008", 18, 3, {"second mass of atom type 1"}},
          {"2 1.008", "2 0", 18, 3, {"above 0"}},
          {"2 1.008\n", "\n", 15, 1, {"'Masses'", "1 lines", "expected 2"}},
          {"Masses", "Pair Coeffs", 15, 1, {"unsupported section", "'Pair Coeffs'"}},
          {"Masses", "Ellipsoids", 15, 1, {"unsupported section", "'Ellipsoids'"}},
          {"Masses", "Massive", 15, 1, {"unknown section", "'Massive'"}},
          {"2 1 2 0.4 1.5", "1 1 2 0.4 1.5", 23, 0, {"second atom with id 1"}},
          {"2 1 2 0.4 1.5", "0 1 2 0.4 1.5", 23, 1, {"the atom id"}},
          {"2 1 2 0.4 1.5", "x 1 2 0.4 1.5", 23, 1, {"'x'", "the atom id"}},
          {"2 1 2 0.4 1.5", "2 1 3 0.4 1.5", 23, 5, {"'3'", "atom type from 1 to 2"}},
          {"0.4 1.5 2 3", "0.4 1e999 2 3", 23, 11, {"'1e999'", "finite"}},
          {"0.4 1.5 2 3", "0.4 1.5 inf 3", 23, 15, {"'inf'", "finite"}},
          {"3 0 0 0\n3 1", "3\n3 1", 23, 18, {"line ends", "image flags"}},
          {"3 0 0 0\n3 1", "3 0 0 0 7\n3 1", 23, 25, {"'7'", "end of the line"}},
          {"3 0 0 0\n3 1", "3 0 0 4000000000\n3 1", 23, 23, {"'4000000000'", "image"}},
          {"40 2 1 0 -5 20 3.25 1 0 0\n", "", 20, 1, {"'Atoms'", "3 lines", "expected 4"}},
          {"Atoms # full", "Atoms # ellipsoid", 20, 1, {"'ellipsoid'", "full"}},
          {"40 1e-3", "41 1e-3", 31, 1, {"no atom with id 41"}},
          {"40 1e-3", "2 1e-3", 31, 1, {"second velocity of atom 2"}},
          {"3 4 5 6", "3 4 5", 32, 6, {"line ends", "vx vy vz"}},
          {"2 1 1 3", "2 2 1 3", 37, 3, {"from 1 to 1"}},
          {"2 1 1 3", "2 1 3 3", 37, 7, {"same atom twice"}},
          {"2 1 1 3", "2 1 1 9", 37, 7, {"no atom with id 9"}},
          {"Angles", "Bonds", 39, 1, {"second section 'Bonds'"}},
          {"Angles\n\n1 1 2 1 3\n", "", 0, 0, {"1 Angles", "no section 'Angles'"}}});
}

TEST(LammpsData, ReportsAllFaultsOfAFileAtOnce) {
  std::string text = test::with(kFull, "1 bond types", "1 bond typos");
  text = test::with(text, "2 1.008", "2 heavy");
  text = test::with(text, "0.4 1.5 2 3", "0.4 1.5 2,0 3");
  text = test::with(text, "3 4 5 6", "3 4 5 nan");
  text = test::with(text, "Angles", "Improper Coeffs");
  std::set<int> lines;
  for (const auto& fault : test::faults_of(parse, text)) lines.insert(fault.line);
  for (const int line : {7, 18, 23, 32, 39}) EXPECT_TRUE(lines.count(line)) << line;
}

TEST(LammpsData, StopsAfterTwentyFaults) {
  std::string text = kAtomic;
  text = test::with(text, "2 atoms", "50 atoms");
  for (int i = 0; i < 48; ++i) text += "x y z u v\n";
  EXPECT_EQ(test::faults_of(parse_atomic, text).size(), 21U);  // the last says that it stopped
}

TEST(LammpsData, TruncatedFilesAreRefused) {
  const auto pieces = static_cast<int>((kFull.size() + 36) / 37);
  EXPECT_EQ(test::refused_truncations(parse, kFull, 37), pieces);
}

TEST(LammpsData, MutatedFilesAreParsedOrRefused) {
  const int refused = test::refused_mutations(parse, kFull, 3000);
  EXPECT_GT(refused, 1500);
  EXPECT_LT(refused, 3000);
  EXPECT_GT(test::refused_mutations(parse_atomic, kAtomic, 3000), 1500);
}

TEST(LammpsData, WindowsLineEndsAreRead) {
  std::string text;
  for (const char c : kFull) text += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_EQ(parse(text).position, parse(kFull).position);
}

TEST(LammpsData, HeaderAloneGivesCountBoxAndLabels) {
  const test::Folder folder;
  test::put(folder / "a.data",
            test::with(kFull, "Masses", "Atom Type Labels\n\n1 O\n2 H\n\nMasses"));
  const StructureHeader header = read_structure_header({folder / "a.data", {}, {}, {}, {}});
  EXPECT_EQ(header.atoms, 4);
  EXPECT_EQ(header.species, (std::vector<std::string>{"O", "H"}));
  EXPECT_EQ(header.cell->vectors[1][0], 0.5);
}

struct RealFile {
  const char* name;
  std::optional<AtomStyle> style;
  std::size_t atoms, types, bonds;
};

class RealLammpsData : public testing::TestWithParam<RealFile> {};

TEST_P(RealLammpsData, IsReadWhole) {
  const RealFile& expected = GetParam();
  const auto file = kData / expected.name;
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "reference data is not there";
  const Structure s = read_structure({file, {}, expected.style, {}, {}});
  EXPECT_EQ(s.size(), expected.atoms);
  EXPECT_EQ(s.species.size(), expected.types);
  EXPECT_EQ(s.mass.size(), expected.types);
  EXPECT_EQ(s.image.size(), expected.atoms);
  EXPECT_EQ(s.bonds.size(), expected.bonds);
  EXPECT_EQ(s.velocity.size(), expected.style ? 0 : expected.atoms);
  const StructureHeader header = read_structure_header({file, {}, {}, {}, {}});
  EXPECT_EQ(header.atoms, static_cast<std::int64_t>(expected.atoms));
  EXPECT_EQ(header.cell->vectors, s.cell->vectors);
}

INSTANTIATE_TEST_SUITE_P(Files, RealLammpsData,
                         testing::Values(RealFile{"lj4k.data.gz", {}, 4000, 1, 0},
                                         RealFile{"bench32k.data.gz", {}, 32000, 1, 0},
                                         RealFile{"ljtri.data.gz", {}, 4000, 1, 0},
                                         RealFile{"eam.small.data.gz", {}, 2048, 1, 0},
                                         RealFile{"cuni.data.gz", {}, 1372, 2, 0},
                                         RealFile{"cuzr.data.gz", {}, 1372, 2, 0},
                                         RealFile{"data.spce.gz", AtomStyle::full, 4500, 2, 3000}));

TEST(LammpsData, TriclinicReferenceHasItsTiltImagesAndDigits) {
  if (!std::filesystem::exists(kData / "ljtri.data.gz"))
    GTEST_SKIP() << "reference data is not there";
  const Structure s = read_lammps_data(kData / "ljtri.data.gz");
  EXPECT_EQ(s.cell->vectors[2],
            (Vec3{1.6795961913825073, -1.6795961913825073, 16.795961913825074}));
  EXPECT_EQ(s.cell->vectors[1][0], 3.3591923827650145);
  EXPECT_EQ(s.position[0], (Vec3{20.096661160196934, 16.769469370383188, 0.0007727076901232533}));
  EXPECT_EQ(s.image[0], (Int3{-1, -1, 0}));
}

}  // namespace
