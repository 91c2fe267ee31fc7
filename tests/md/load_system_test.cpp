// SPDX-License-Identifier: Apache-2.0
#include "md/setup/load_system.hpp"

#include "io/checkpoint.hpp"
#include "md/checkpoint/system_state.hpp"
#include "md/setup/distribute.hpp"
#include "md/setup/elements.hpp"
#include "md/setup/force_field.hpp"
#include "tests/md/melt.hpp"
#include "tests/md/run_input.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

namespace r1::md {
namespace {

/// A folder that all ranks see, gone at the end; rank 0 writes.
class Folder {
 public:
  Folder() : comm_(test::world()) {
    std::string path;
    if (comm_.rank() == 0) {
      std::string pattern = (std::filesystem::temp_directory_path() / "r1_load_XXXXXX").string();
      path = mkdtemp(pattern.data());
    }
    comm_.broadcast(path);
    path_ = path;
  }
  ~Folder() {
    comm_.barrier();
    std::error_code ignored;
    if (comm_.rank() == 0) std::filesystem::remove_all(path_, ignored);
  }
  void write(const std::string& name, const std::string& text) const {
    if (comm_.rank() == 0) std::ofstream(path_ / name) << text;
    comm_.barrier();
  }
  const std::filesystem::path& path() const { return path_; }

 private:
  Communicator comm_;
  std::filesystem::path path_;
};

const char* const kData = R"(two types
3 atoms
2 atom types
0 10 xlo xhi
0 8 ylo yhi
-1 5 zlo zhi
1 0 0.5 xy xz yz

Masses

1 1.5
2 2.5

Atoms # charge

7 2 -0.5 1 2 3 0 1 0
3 1 0.25 11.5 0 0 -1 0 0
5 1 0.25 4 4 4 0 0 2

Velocities

3 1 0 0
5 0 1 0
7 0 0 -1
)";

const char* const kFrame = R"(2
Lattice="10 0 0 0 10 0 0 0 10" pbc="T T F" Properties=species:S:1:pos:R:3:vel:R:3
O 1 2 3 1 0 0
Cu 4 5 6 0 2 0
)";

std::string input(const std::string& system, const std::string& units) {
  return "r1md: 1\nunits: " + units + "\nsystem: " + system +
         "\npotential: [nothing]\nrun: [evaluate: {}]\n";
}

struct Loaded {
  std::shared_ptr<io::ConfigDocument> document;
  RunSettings settings;
};
Loaded parsed(const Folder& folder, const std::string& system, const std::string& units = "lj") {
  auto document = io::parse_config(input(system, units), folder.path() / "input.yaml",
                                   run_schema(test::test_kinds()));
  document->check();
  auto settings = read_run_settings(document->root());
  return {document, settings};
}
System load(const Folder& folder, const std::string& system, const std::string& units = "lj") {
  const auto loaded = parsed(folder, system, units);
  return load_system(Exec(), test::world(), loaded.document->root(), loaded.settings);
}
/// Faults that loading gives; the same on all ranks, or the test fails.
std::string fault(const Folder& folder, const std::string& system,
                  const std::string& units = "lj") {
  std::string text;
  try {
    load(folder, system, units);
  } catch (const ConfigError& error) {
    for (const auto& f : error.faults()) text += std::to_string(f.line) + ": " + f.message + '\n';
  }
  std::string of_root = text;
  test::world().broadcast(of_root);
  EXPECT_EQ(text, of_root);
  return text;
}
bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

struct Atom {
  std::int64_t id;
  double x[3], v[3], charge;
  int type, image[3];
};
std::map<std::int64_t, Atom> gathered(const System& system) {
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.x());
  const auto v = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.v());
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.id());
  const auto type = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.type());
  const auto image = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system.image());
  const Field* charges = nullptr;
  for (const auto& field : system.fields.all())
    if (field.info.name == kChargeField) charges = &field;
  View<double**> charge("charge", system.fields.rows(), 1);
  if (charges) charge = std::get<View<double**>>(charges->data);
  const auto q = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), charge);
  std::vector<Atom> mine;
  for (int i = 0; i < system.n_local; ++i)
    mine.push_back({id(i),
                    {x(i, 0), x(i, 1), x(i, 2)},
                    {v(i, 0), v(i, 1), v(i, 2)},
                    q(i, 0),
                    type(i),
                    {image(i, 0), image(i, 1), image(i, 2)}});
  std::map<std::int64_t, Atom> all;
  for (const auto& part : test::world().all_gather(std::span<const Atom>(mine)))
    for (const auto& atom : part) EXPECT_TRUE(all.emplace(atom.id, atom).second);
  return all;
}

TEST(LoadSystem, ReadsLammpsData) {
  const Folder folder;
  folder.write("a.data", kData);
  const System system =
      load(folder, "{structure: a.data, species: [{name: A}, {name: B, mass: 2.5}]}");
  EXPECT_EQ(system.n_global, 3);
  EXPECT_EQ(system.species.at(0).name, "A");
  EXPECT_EQ(system.species.at(0).mass, 1.5);
  EXPECT_EQ(system.species.at(1).mass, 2.5);
  EXPECT_DOUBLE_EQ(system.box.volume, 480);
  EXPECT_EQ(system.box.origin[2], -1);
  EXPECT_EQ(system.box.vectors[2][1], 0.5);
  EXPECT_EQ(system.degrees_of_freedom, 6);
  const auto atoms = gathered(system);
  EXPECT_EQ(atoms.at(7).type, 1);
  EXPECT_EQ(atoms.at(7).charge, -0.5);
  EXPECT_EQ(atoms.at(7).v[2], -1);
  EXPECT_EQ(atoms.at(7).image[1], 1);
  EXPECT_EQ(atoms.at(3).x[0], 11.5);
  EXPECT_EQ(atoms.at(3).image[0], -1);
  EXPECT_EQ(atoms.at(5).image[2], 2);
}

TEST(LoadSystem, ConvertsExtxyzToTheUnitsOfTheRun) {
  const Folder folder;
  folder.write("a.xyz", kFrame);
  const System real = load(folder, "{structure: a.xyz}", "real");
  const auto atoms = gathered(real);
  EXPECT_DOUBLE_EQ(atoms.at(1).v[0], 1e-3);  // Å/ps -> Å/fs
  EXPECT_DOUBLE_EQ(atoms.at(2).x[1], 5);
  EXPECT_FALSE(real.box.periodic[2]);
  EXPECT_EQ(real.species.at(0).name, "O");
  EXPECT_EQ(real.species.at(0).mass, 15.999);
  EXPECT_DOUBLE_EQ(gathered(load(folder, "{structure: a.xyz}", "metal")).at(1).v[0], 1);
}

TEST(LoadSystem, OrdersTypesAsTheInputListsThem) {
  const Folder folder;
  folder.write("a.xyz", kFrame);
  const System system =
      load(folder, "{structure: a.xyz, species: [{name: Cu}, {name: O}]}", "metal");
  EXPECT_EQ(system.species.at(0).mass, 63.546);
  EXPECT_EQ(gathered(system).at(1).type, 1);
  EXPECT_TRUE(holds(fault(folder, "{structure: a.xyz, species: [{name: Cu}]}", "metal"), "'O'"));
}

TEST(LoadSystem, NamesContradictions) {
  const Folder folder;
  folder.write("a.data", kData);
  folder.write("a.xyz", kFrame);
  EXPECT_TRUE(holds(fault(folder, "{structure: a.data, species: [{name: A, mass: 1}, {name: B}]}"),
                    "3: the structure file says 1.5"));
  EXPECT_TRUE(holds(fault(folder, "{structure: a.data, species: [{name: A}]}"),
                    "1 species, the structure has 2"));
  EXPECT_TRUE(holds(fault(folder, "{structure: a.xyz, periodic: [true, true, true]}", "metal"),
                    "3: the structure file says [true, true, false]"));
  EXPECT_TRUE(holds(fault(folder, "{structure: a.xyz}", "lj"), "'O' has no mass"));
  EXPECT_TRUE(holds(fault(folder, "{structure: none.xyz}"), "No such file"));
}

TEST(LoadSystem, RefusesWhatItCannotRun) {
  const Folder folder;
  folder.write("plain.xyz", "1\n\nCu 0 0 0\n");
  EXPECT_TRUE(holds(fault(folder, "{structure: plain.xyz}", "metal"), "gives no cell"));
  folder.write(
      "bond.data",
      "b\n2 atoms\n1 atom types\n1 bonds\n1 bond types\n0 9 xlo xhi\n0 9 ylo yhi\n0 9 zlo zhi\n\n"
      "Masses\n\n1 1\n\nAtoms # bond\n\n1 1 1 0 0 0\n2 1 1 1 0 0\n\nBonds\n\n1 1 1 2\n");
  EXPECT_TRUE(holds(fault(folder, "{structure: bond.data}"), "1 bonds, but bonded forces"));
  EXPECT_TRUE(holds(fault(folder, "{structure: start.h5}"), "No such file"));
  folder.write("start.h5", std::string(2000, 'x'));
  EXPECT_TRUE(holds(fault(folder, "{structure: start.h5}"), "start.h5"));
}

TEST(LoadSystem, StartsFromTheAtomsOfACheckpoint) {
  const Folder folder;
  const auto comm = test::world();
  folder.write("a.data", kData);
  const auto original = load(folder, "{structure: a.data}", "lj");
  io::CheckpointWriter writer(comm);
  writer.add_text("simulation/units", "lj");
  save_system(Exec(), original, writer);
  writer.write(folder.path() / "start.h5", {"test", "1", "", "2025-01-31T12:00:00Z", ""});
  const auto system = load(folder, "{structure: start.h5}", "lj");
  EXPECT_EQ(system.n_global, 3);
  EXPECT_EQ(test::by_id(comm, system, system.x()), test::by_id(comm, original, original.x()));
  EXPECT_EQ(test::by_id(comm, system, system.v()), test::by_id(comm, original, original.v()));
  EXPECT_EQ(system.box.vectors[2][1], original.box.vectors[2][1]);
  ASSERT_EQ(system.species.size(), 2U);
  EXPECT_EQ(system.species[1].mass, 2.5);
  EXPECT_TRUE(holds(fault(folder, "{structure: start.h5}", "metal"), "its units are lj"));
  EXPECT_TRUE(holds(fault(folder, "{structure: start.h5, periodic: [true, true, false]}"),
                    "[true, true, true]"));
}

TEST(LoadSystem, ChecksTheGridAgainstTheRanks) {
  const Folder folder;
  const auto comm = test::world();
  const std::string lattice =
      "{lattice: {type: sc, constant: 1, repeat: [4, 4, 4], species: A}, species: [{name: A, mass: "
      "1}]}";
  auto document = io::parse_config(input(lattice, "lj") + "parallel: {grid: [5, 1, 1]}\n",
                                   "input.yaml", run_schema(test::test_kinds()));
  const auto settings = read_run_settings(document->root());
  EXPECT_THROW(load_system(Exec(), comm, document->root(), settings), ConfigError);
}

TEST(LoadSystem, MakesALatticeWithVelocities) {
  const Folder folder;
  const System system =
      load(folder,
           "{lattice: {type: fcc, density: 0.5, repeat: [3, 3, 3], species: B}, "
           "species: [{name: A, mass: 1}, {name: B, mass: 2}], periodic: [true, false, true], "
           "velocities: {temperature: 1.5}}");
  EXPECT_EQ(system.n_global, 108);
  EXPECT_DOUBLE_EQ(system.box.volume, 216);
  EXPECT_FALSE(system.box.periodic[1]);
  double twice_kinetic = 0;
  for (const auto& [id, atom] : gathered(system)) {
    EXPECT_EQ(atom.type, 1);
    for (const double c : atom.v) twice_kinetic += 2 * c * c;
  }
  EXPECT_NEAR(twice_kinetic / system.degrees_of_freedom, 1.5, 1e-12);
}

TEST(Distribute, SendsManyAtomsInRounds) {
  const auto comm = test::world();
  constexpr std::size_t kAtoms = 300000;  // more than two rounds
  io::Structure structure;
  if (comm.rank() == 0)
    for (std::size_t i = 0; i < kAtoms; ++i) {
      structure.id.push_back(static_cast<std::int64_t>(i + 1));
      structure.type.push_back(0);
      structure.position.push_back({static_cast<double>(i), 0, 1});
    }
  System system(Units::make(UnitStyle::lj, ConstantSet::codata));
  distribute_atoms(Exec(), comm, structure, system);
  EXPECT_EQ(system.n_global, static_cast<std::int64_t>(kAtoms));
  const auto share = static_cast<double>(kAtoms) / comm.size();
  EXPECT_NEAR(system.n_local, share, 1);
  const auto atoms = gathered(system);
  ASSERT_EQ(atoms.size(), kAtoms);
  for (const auto& [id, atom] : atoms) ASSERT_EQ(atom.x[0], static_cast<double>(id - 1));
}

TEST(SystemHead, IsReadWithoutAtoms) {
  const Folder folder;
  folder.write("a.data", kData);
  const auto loaded = parsed(folder, "{structure: a.data}");
  const auto head = read_system_head(loaded.document->root(), loaded.settings);
  EXPECT_EQ(test::faults_of(*loaded.document), "");
  EXPECT_EQ(head.atoms, 3);
  EXPECT_EQ(head.species.at(1).name, "2");
  EXPECT_DOUBLE_EQ(head.box.value().volume, 480);
}

TEST(Elements, HaveTheirStandardWeights) {
  EXPECT_EQ(standard_atomic_weight("Cu"), 63.546);
  EXPECT_EQ(standard_atomic_weight("H"), 1.008);
  EXPECT_EQ(standard_atomic_weight("Tc"), std::nullopt);  // no stable isotope
  EXPECT_EQ(standard_atomic_weight("cu"), std::nullopt);
}

/// Stages, registries and potentials of the library, on an input that has them.
std::string check(const Folder& folder, const std::string& text) {
  const auto potentials = builtin_potentials();
  const auto integrators = builtin_integrators();
  const auto observables = builtin_observables();
  const auto thermostats = builtin_thermostats();
  const RunKinds kinds{potentials.schema(), integrators.schema(), thermostats.schema(),
                       observables.schema()};
  const auto document = io::parse_config(text, folder.path() / "input.yaml", run_schema(kinds));
  std::string faults = test::faults_of(*document);
  if (!faults.empty()) return faults;
  try {
    check_inputs(document->root(), {potentials, integrators, thermostats, observables});
  } catch (const ConfigError& error) {
    for (const auto& f : error.faults()) faults += std::to_string(f.line) + ": " + f.message + '\n';
  }
  return faults;
}

std::string melt(const std::string& pairs, const std::string& repeat = "[3, 3, 3]") {
  return "r1md: 1\nunits: lj\nsystem:\n  lattice: {type: fcc, density: 0.8, repeat: " + repeat +
         ", species: A}\n"
         "  species: [{name: A, mass: 1}, {name: B, mass: 1}]\n"
         "potential:\n  - lennard_jones: {cutoff: 2.5, pairs: [" +
         pairs +
         "]}\n"
         "run:\n  - dynamics: {steps: 1, timestep: 0.005}\n";
}

TEST(CheckInputs, FindsFaultsOfPotentials) {
  const Folder folder;
  const std::string aa = "{species: [A, A], epsilon: 1, sigma: 1}",
                    bb = "{species: [B, B], epsilon: 1, sigma: 1}";
  const std::string ab = "{species: [A, B], epsilon: 1, sigma: 1}";
  EXPECT_EQ(check(folder, melt(aa + ", " + bb + ", " + ab)), "");
  EXPECT_TRUE(holds(check(folder, melt(aa + ", " + bb)), "no potential acts between A-B"));
  EXPECT_TRUE(
      holds(check(folder, melt("{species: [A, C], epsilon: 1, sigma: 1}")), "unknown species 'C'"));
  const std::string thin = "lattice: {type: sc, constant: 0.2, repeat: [1, 1, 1], species: A}";
  EXPECT_TRUE(holds(check(folder, "r1md: 1\nunits: lj\nsystem: {" + thin +
                                      ", species: [{name: A, mass: 1}]}\n"
                                      "potential: [lennard_jones: {cutoff: 2.5, pairs: [" +
                                      aa + "]}]\nrun: [evaluate: {}]\n"),
                    "more than 10 cells"));
}

TEST(CheckInputs, ReportsFaultsOfAllPartsTogether) {
  const Folder folder;
  const auto faults = check(
      folder,
      "r1md: 1\nunits: lj\nsystem: {structure: none.xyz}\npotential:\n"
      "  - lennard_jones: {cutoff: 2.5, pairs: [{species: [A, A], epsilon: 1, sigma: 1}]}\n"
      "run:\n  - evaluate: {frames: missing.xyz}\n  - dynamics: {duration: 0.5, timestep: 0.2}\n");
  EXPECT_TRUE(holds(faults, "none.xyz") || holds(faults, "No such file")) << faults;
  EXPECT_TRUE(holds(faults, "8: the duration is 2.5 time steps")) << faults;
  EXPECT_EQ(std::count(faults.begin(), faults.end(), '\n'), 3) << faults;
}

}  // namespace
}  // namespace r1::md
