// SPDX-License-Identifier: Apache-2.0
#include "io/extxyz.hpp"

#include "core/error.hpp"
#include "io/read_structure.hpp"
#include "tests/io/hostile.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace {

using namespace r1;
using namespace r1::io;
using test::SeededFault;

const std::filesystem::path kShared = R1_SHARED_DATA_DIR;

/// One frame: a foreign column (tag), text in quotes and braces, species that come back.
const std::string kFrame =
    "3\n"
    "Lattice=\"4 0 0 0.5 5 0 0 0 6\" "
    "Properties=species:S:1:pos:R:3:vel:R:3:tag:I:2:forces:R:3:id:I:1"
    " pbc=\"T F T\" energy=-1.5D1 stress=\"1 0 0 0 2 0 0 0 3\" name=\"two \\\"words\\\"\""
    " list={1 2 3} flag path=\"C:\\new\" none=\n"
    "Cu 0 0 0 1 2 3 7 8 0.1 0.2 0.3 10\n"
    "Zr 1 -9 +1.5 4 5 6 7 8 0 0 0 4\n"
    "Cu 2 2 2 7 8 9 7 8 0 0 1e-3 6\n";

const std::string kPlain = "2\nwater = nice\nO 0 0 0\nH 0 0 1\n";

std::vector<Structure> parse(const std::string& text) {
  ExtxyzReader reader("t.xyz", text, {});
  std::vector<Structure> frames;
  while (auto frame = reader.next()) frames.push_back(std::move(*frame));
  return frames;
}

TEST(Extxyz, ReadsColumnsAndKeys) {
  const Structure s = parse(kFrame).at(0);
  EXPECT_EQ(s.units, StructureUnits::ase);
  EXPECT_EQ(s.species, (std::vector<std::string>{"Cu", "Zr"}));
  EXPECT_EQ(s.type, (std::vector<std::int32_t>{0, 1, 0}));
  EXPECT_EQ(s.id, (std::vector<std::int64_t>{10, 4, 6}));
  EXPECT_EQ(s.position[1], (Vec3{1, -9, 1.5}));
  EXPECT_EQ(s.velocity[2], (Vec3{7, 8, 9}));
  EXPECT_EQ(s.force[0], (Vec3{0.1, 0.2, 0.3}));
  EXPECT_EQ(s.cell->vectors[1], (Vec3{0.5, 5, 0}));
  EXPECT_EQ(s.cell->periodic, (std::array<bool, 3>{true, false, true}));
  EXPECT_EQ(s.energy, -15.0);
  EXPECT_EQ((*s.stress)[4], 2.0);
  EXPECT_EQ(s.info.at("name"), "two \"words\"");
  EXPECT_EQ(s.info.at("list"), "1 2 3");
  EXPECT_EQ(s.info.at("flag"), "T");
  EXPECT_EQ(s.info.at("path"), "C:\\new");
  EXPECT_EQ(s.info.at("none"), "");
  EXPECT_EQ(s.info.at("ignored_columns"), "tag");
  EXPECT_EQ(s.info.count("energy"), 0U);
}

TEST(Extxyz, ReadsPlainXyzWithoutACell) {
  const Structure s = parse(kPlain).at(0);
  EXPECT_FALSE(s.cell.has_value());
  EXPECT_EQ(s.id, (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(s.info.at("comment"), "water = nice");
}

TEST(Extxyz, CellIsPeriodicUnlessThePbcSaysOtherwise) {
  const std::string head = "1\nLattice=\"1 0 0 0 1 0 0 0 1\"";
  EXPECT_TRUE(parse(head + "\nH 0 0 0\n")[0].cell->periodic[2]);
  EXPECT_FALSE(parse(head + " pbc=F\nH 0 0 0\n")[0].cell->periodic[2]);
  EXPECT_FALSE(parse(head + " pbc=[True, True, False]\nH 0 0 0\n")[0].cell->periodic[2]);
  EXPECT_FALSE(parse("1\nLattice=\"0 0 0 0 0 0 0 0 0\" pbc=\"F F F\"\nH 0 0 0\n")[0].cell);
}

TEST(Extxyz, KeysAreKnownInAnyCase) {
  const auto s = parse("1\nlattice=\"1 0 0 0 1 0 0 0 1\" PBC=\"F F T\" Energy=2\nH 0 0 0\n");
  ASSERT_TRUE(s[0].cell.has_value());
  EXPECT_FALSE(s[0].cell->periodic[0]);
  EXPECT_EQ(s[0].energy, 2.0);
}

TEST(Extxyz, VirialBecomesTheStressOfTheSameSign) {
  const std::string head = "1\nLattice=\"2 0 0 0 2 0 0 0 2\" ";
  const auto s = parse(head + "virial=\"8 0 0 0 16 0 0 0 24\"\nH 0 0 0\n");
  EXPECT_EQ((*s[0].stress)[8], -3.0);
  const auto both =
      parse(head + "virial=\"8 0 0 0 16 0 0 0 24\" stress=\"1 2 3 4 5 6\"\nH 0 0 0\n");
  EXPECT_EQ(*both[0].stress, (std::array<double, 9>{1, 6, 5, 6, 2, 4, 5, 4, 3}));
}

TEST(Extxyz, MomentaNeedMassesAndBecomeVelocities) {
  // 1 amu at sqrt(eV/u) has a kinetic energy of 1/2 eV: v^2 = eV/u in (Å/ps)^2 is 1.602176634e-19/1.66053906660e-27 * 1e-4.
  const auto s =
      parse("1\nProperties=species:S:1:pos:R:3:momenta:R:3:masses:R:1\nH 0 0 0 2 0 0 2\n");
  EXPECT_NEAR(s[0].velocity[0][0], std::sqrt(1.602176634e-19 / 1.66053906660e-27 * 1e-4), 1e-9);
  EXPECT_EQ(s[0].mass, std::vector<double>{2.0});
  EXPECT_THROW(parse("1\nProperties=species:S:1:pos:R:3:momenta:R:3\nH 0 0 0 2 0 0\n"),
               ConfigError);
}

TEST(Extxyz, SpeciesListFixesTheTypes) {
  auto s = ExtxyzReader("t.xyz", kFrame, {"Zr", "Ni", "Cu"}).next();
  EXPECT_EQ(s->type, (std::vector<std::int32_t>{2, 0, 2}));
  EXPECT_EQ(s->species.size(), 3U);
  EXPECT_THROW(ExtxyzReader("t.xyz", kFrame, {"Cu"}).next(), ConfigError);
}

TEST(Extxyz, NamesLineColumnAndRemedyOfEachFault) {
  test::expect_faults(
      parse, kFrame,
      std::vector<SeededFault>{
          {"3\n", "three\n", 1, 1, {"'three'", "number of atoms"}},
          {"3\n", "0\n", 1, 1, {"'0'", "number of atoms"}},
          {"3\n", "3 atoms\n", 1, 3, {"'atoms'", "end of the line"}},
          {"3\n", "999999999999\n", 5, 0, {"after 3 atoms", "999999999999"}},
          {"3\n", "2\n", 5, 1, {"'Cu'", "number of atoms"}},
          {"Lattice=\"4 0 0 0.5 5 0 0 0 6\"",
           "Lattice=\"4 0 0 0.5 5 0 0 0\"",
           2,
           9,
           {"8 numbers", "9"}},
          {"0.5 5 0 0 0 6", "8 0 0 0 0 6", 2, 9, {"no volume"}},
          {"0.5 5 0 0 0 6", "0.5 5 0 0 0 NaN", 2, 9, {"'NaN'", "finite"}},
          {"pos:R:3", "pos:R:2", 2, 42, {"pos:R:2", "pos:R:3"}},
          {"pos:R:3", "pos:S:3", 2, 42, {"pos:S:3", "pos:R:3"}},
          {"pos:R:3", "poz:R:3", 2, 42, {"no pos"}},
          {"tag:I:2", "tag:I:-2", 2, 42, {"tag:I:-2", "name:type:columns"}},
          {"tag:I:2", "tag:I:999999999", 2, 42, {"tag:I:999999999"}},
          {"tag:I:2", "velo:R:3", 2, 42, {"'velo'", "already"}},
          {"id:I:1", "id:I", 2, 42, {"name:type:columns"}},
          {"T F T", "T F X", 2, 0, {"pbc", "'T F X'", "T T F"}},
          {"-1.5D1", "low", 2, 0, {"'low'", "'energy'"}},
          {"stress=\"1 ", "stress=\"", 2, 0, {"8 numbers", "'stress'", "9"}},
          {"{1 2 3}", "{1 2 3", 2, 0, {"has no end", "}"}},
          {" flag", " =2", 2, 0, {"without a key", "key=value"}},
          {" flag", " energy=2", 2, 0, {"second value of 'energy'"}},
          {"Zr 1 -9", "Zr 1 abc", 4, 6, {"'abc'", "pos"}},
          {"Zr 1 -9", "Zr 1 nan", 4, 6, {"'nan'", "finite"}},
          {"0 0 0 4\n", "0 0 0\n", 4, 29, {"line ends", "the id"}},
          {"0 0 0 4\n", "0 0 0 4 4\n", 4, 32, {"'4'", "Properties"}},
          {"0 0 0 4\n", "0 0 0 10\n", 4, 0, {"second atom with id 10"}},
          {"0 0 0 4\n", "0 0 0 0\n", 4, 30, {"the id"}},
          {"Cu 2 2 2", "Cu", 5, 0, {"line ends"}},
          {"Cu 2 2 2 7 8 9 7 8 0 0 1e-3 6\n", "", 4, 0, {"after 2 atoms", "expected 3"}}});
}

TEST(Extxyz, ReportsAllFaultsOfAFrameAtOnce) {
  std::string text = test::with(kFrame, "Cu 0 0 0", "Cu 0 zero 0");
  text = test::with(text, "Zr 1 -9", "Zr 1 1e400");
  text = test::with(text, "1e-3 6", "1e-3 six");
  EXPECT_EQ(test::faults_of(parse, text).size(), 3U);
}

TEST(Extxyz, TruncatedAndMutatedFilesAreParsedOrRefused) {
  const std::string two = kFrame + kFrame;
  EXPECT_GT(test::refused_truncations(parse, two, 37), 10);
  const int refused = test::refused_mutations(parse, two, 3000);
  EXPECT_GT(refused, 1000);
  EXPECT_LT(refused, 3000);
  EXPECT_GT(test::refused_mutations(parse, kPlain, 3000), 1000);
}

TEST(Extxyz, FramesAreChosenFromEitherEnd) {
  const test::Folder folder;
  const auto file = folder / "a.xyz";
  std::string text;
  for (const char* x : {"1", "2", "3"})
    text += "1\nLattice=\"9 0 0 0 9 0 0 0 9\"\nH 0 0 " + std::string(x) + "\n";
  test::put(file, text + "\n\n");
  EXPECT_EQ(read_extxyz(file).position[0][2], 1.0);
  EXPECT_EQ(read_extxyz(file, 2).position[0][2], 3.0);
  EXPECT_EQ(read_extxyz(file, -1).position[0][2], 3.0);
  EXPECT_EQ(read_extxyz(file, -3).position[0][2], 1.0);
  EXPECT_THROW(read_extxyz(file, 3), ConfigError);
  EXPECT_THROW(read_extxyz(file, -4), ConfigError);
  EXPECT_EQ(read_all_frames(file).size(), 3U);
  EXPECT_THROW(read_only_frame(file), ConfigError);
  EXPECT_EQ(read_structure({file, {}, {}, 1, {}}).position[0][2], 2.0);
  const StructureHeader header = read_structure_header({file, {}, {}, {}, {}});
  EXPECT_EQ(header.atoms, 1);
  EXPECT_EQ(header.species, std::vector<std::string>{"H"});
}

TEST(Extxyz, WrittenFramesReadBackToTheSameBits) {
  Structure s = parse(kFrame).at(0);
  s.position[0] = {1.0 / 3.0, -2e-310, 1e300};
  s.charge = {0.1, 0.2, -0.3};
  s.cell->origin = {0.1, 0, 0};
  s.info["odd key"] = "a=b \"c\" \\d";
  std::string text;
  append_extxyz(text, s, FrameTime{100, 0.5});
  append_extxyz(text, s);
  const auto frames = parse(text);
  ASSERT_EQ(frames.size(), 2U);
  const Structure& r = frames[0];
  EXPECT_EQ(r.id, (std::vector<std::int64_t>{4, 6, 10}));
  EXPECT_EQ(r.position[2], s.position[0]);
  EXPECT_EQ(r.velocity[0], s.velocity[1]);
  EXPECT_EQ(r.force[2], s.force[0]);
  EXPECT_EQ(r.charge, (std::vector<double>{0.2, -0.3, 0.1}));
  EXPECT_EQ(r.cell->vectors, s.cell->vectors);
  EXPECT_EQ(r.cell->origin, s.cell->origin);
  EXPECT_EQ(r.cell->periodic, s.cell->periodic);
  EXPECT_EQ(r.energy, s.energy);
  EXPECT_EQ(r.stress, s.stress);
  EXPECT_EQ(r.info.at("step"), "100");
  EXPECT_EQ(r.info.at("odd key"), s.info.at("odd key"));
  EXPECT_EQ(frames[1].info.count("step"), 0U);
}

TEST(Extxyz, WritesTheLayoutThatOtherProgramsExpect) {
  Structure s = parse("1\nLattice=\"2 0 0 0 2 0 0 0 2\"\nCu 0.5 0.1 0\n").at(0);
  s.velocity = {{1, 2, 3}};
  std::string text;
  append_extxyz(text, s, FrameTime{0, 0.0});
  EXPECT_EQ(text,
            "1\nLattice=\"2 0 0 0 2 0 0 0 2\" pbc=\"T T T\" "
            "Properties=species:S:1:pos:R:3:vel:R:3:id:I:1 step=0 time=0\n"
            "Cu 0.5 0.10000000000000001 0 1 2 3 1\n");
}

TEST(Extxyz, RealTrainingSetsAreReadWhole) {
  if (!std::filesystem::exists(kShared / "acac/train_300K.xyz.gz"))
    GTEST_SKIP() << "reference data is not there";
  const auto acac = read_all_frames(kShared / "acac/train_300K.xyz.gz");
  EXPECT_EQ(acac.size(), 500U);
  EXPECT_EQ(acac[0].size(), 15U);
  EXPECT_EQ(acac[0].energy, -9391.45554428476);
  EXPECT_FALSE(acac[0].cell->periodic[0]);
  EXPECT_EQ(acac[0].info.at("config_type"), "300K_MD");
  EXPECT_EQ(read_all_frames(kShared / "acac/test_MD_300K.xyz.gz").size(), 650U);
  const auto pbte = read_all_frames(kShared / "pbte/train.xyz.gz");
  EXPECT_EQ(pbte.size(), 25U);
  EXPECT_EQ(pbte[0].force[0], (Vec3{0.07834588, 0.3368932, -0.1323393}));
  EXPECT_EQ(pbte[0].species.size(), 2U);
}

TEST(ReadStructure, TellsFormatsByNameOrWord) {
  EXPECT_EQ(format_of_file("a/b.data.gz"), StructureFormat::lammps_data);
  EXPECT_EQ(format_of_file("data.spce"), StructureFormat::lammps_data);
  EXPECT_EQ(format_of_file("b.extxyz"), StructureFormat::extxyz);
  EXPECT_EQ(format_of_file("checkpoint.h5"), StructureFormat::checkpoint);
  EXPECT_THROW(format_of_file("POSCAR"), ConfigError);
  for (const auto& word : structure_format_names()) EXPECT_TRUE(structure_format(word)) << word;
  EXPECT_FALSE(structure_format("pdb"));
}

}  // namespace
