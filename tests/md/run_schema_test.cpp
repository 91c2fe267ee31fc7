// SPDX-License-Identifier: Apache-2.0
#include "md/config/run_schema.hpp"

#include "io/schema.hpp"
#include "md/config/run_settings.hpp"
#include "tests/md/run_input.hpp"

#include <gtest/gtest.h>

namespace r1::md {
namespace {

using test::faults_of;
using test::parse_run;
using test::small_input;
using testing::AssertionFailure;
using testing::AssertionResult;
using testing::AssertionSuccess;

AssertionResult accepts(const std::string& text) {
  const std::string faults = faults_of(*parse_run(text));
  return faults.empty() ? AssertionSuccess() : AssertionFailure() << text << faults;
}

AssertionResult refuses(const std::string& text, const std::string& part) {
  const std::string faults = faults_of(*parse_run(text));
  if (faults.find(part) != std::string::npos) return AssertionSuccess();
  return AssertionFailure() << text << "gave: '" << faults << "', expected '" << part << "'";
}

std::string with_lattice(const std::string& keys) {
  return small_input("", "{lattice: {" + keys + "}}");
}
std::string with_run(const std::string& stage) {
  return small_input("", "{structure: a.xyz}", "metal", "[" + stage + "]");
}

TEST(RunSchema, TakesEveryKeyOfTheLanguage) {
  EXPECT_TRUE(accepts(R"(
r1md: 1
units: metal
constants: lammps
seed: 42
precision: double
reproducible: false
parallel: {grid: [2, 2, 1]}
system:
  structure: {file: copper.xyz, format: extxyz, frame: -1}
  periodic: [true, true, false]
  species:
    - {name: Cu, mass: 63.55}
    - {name: Zn}
  velocities: {temperature: 1600 K, seed: 7}
potential:
  - nothing: {}
neighbor: {skin: 1.0 Å}
run:
  - evaluate: {frames: other.xyz}
  - minimize: {method: fire, force_tolerance: 1e-4, max_steps: 10000}
  - dynamics:
      steps: 1000
      timestep: 5 fs
      integrator: velocity_verlet
      thermostat: none
      barostat: none
output:
  directory: copper
  thermo: {every: 100}
  trajectory: {every: 500, format: [h5md, extxyz], fields: [position, image, velocity, force], precision: double}
  observables: [rdf]
checkpoint: none
walltime: none
watchdog: {stall: none, drift: none}
)"));
  EXPECT_TRUE(accepts(small_input()));
}

TEST(RunSchema, TakesOffValuesOfWhatIsNotBuilt) {
  for (const char* line :
       {"precision: double", "reproducible: false", "checkpoint: none", "watchdog: none",
        "watchdog: {drift: none}", "output: {trajectory: none}"})
    EXPECT_TRUE(accepts(small_input(line))) << line;
}

/// Of the small input with `line`.
RunSettings settings(const std::string& line) {
  const auto document = parse_run(small_input(line));
  document->check();
  auto read = read_run_settings(document->root());
  document->check();
  return read;
}

TEST(RunSchema, KnowsWhenCheckpointsAreDueAndWhenTimeIsUp) {
  EXPECT_EQ(settings("").checkpoint.seconds, 600);
  EXPECT_EQ(settings("checkpoint: none").checkpoint.seconds, 0);
  EXPECT_EQ(settings("checkpoint: {every: 5000}").checkpoint.steps, 5000);
  EXPECT_EQ(settings("checkpoint: 2 min").checkpoint.seconds, 120);
  EXPECT_EQ(settings("checkpoint: 2 min").checkpoint.steps, 0);
  EXPECT_EQ(settings("").walltime.kind, Walltime::Kind::unlimited);
  EXPECT_EQ(settings("walltime: auto").walltime.kind, Walltime::Kind::of_the_scheduler);
  EXPECT_EQ(settings("walltime: 02:00:30").walltime.seconds, 7230);
  EXPECT_EQ(settings("walltime: 90 min").walltime.seconds, 5400);
  for (const char* wrong : {"walltime: soon", "walltime: 1:75:00", "walltime: 00:00:00",
                            "walltime: '1:00:00 h'", "walltime: -1:00:00"})
    EXPECT_THROW(settings(wrong), ConfigError) << wrong;
}

TEST(RunSchema, WatchesAreNoneUsualOrLimited) {
  using Stall = WatchSettings::Stall;
  using Drift = WatchSettings::Drift;
  EXPECT_EQ(settings("").watch.stall, Stall::usual);
  EXPECT_EQ(settings("").watch.drift, Drift::warn);
  EXPECT_EQ(settings("watchdog: none").watch.stall, Stall::no);
  EXPECT_EQ(settings("watchdog: none").watch.drift, Drift::no);
  const auto watch = settings("watchdog: {stall: 2 min, drift: stop}").watch;
  EXPECT_EQ(watch.stall, Stall::limited);
  EXPECT_EQ(watch.stall_seconds, 120);
  EXPECT_EQ(watch.drift, Drift::stop);
}

TEST(RunSchema, RefusesByNameWhatIsNotBuilt) {
  for (const auto& [line, name] :
       std::vector<std::pair<std::string, std::string>>{{"precision: mixed", "mixed precision"}}) {
    EXPECT_TRUE(refuses(small_input(line), "not available in this version")) << line;
    EXPECT_TRUE(refuses(small_input(line), name)) << line;
  }
  EXPECT_TRUE(refuses(with_run("dynamics: {steps: 1, timestep: 1, barostat: {mtk: {}}}"),
                      "constant pressure"));
}

TEST(RunSchema, ChecksBounds) {
  for (const char* line : {"seed: -1", "neighbor: {skin: -0.1}", "parallel: {grid: [0, 1, 1]}",
                           "parallel: {grid: [2, 2]}", "output: {thermo: {every: 0}}",
                           "output: {trajectory: {every: 0}}"})
    EXPECT_TRUE(refuses(small_input(line), "expected")) << line;
  for (const char* keys : {"type: hcp, constant: 1, repeat: [1, 1, 1], species: A",
                           "type: sc, constant: 0, repeat: [1, 1, 1], species: A",
                           "type: sc, density: -1, repeat: [1, 1, 1], species: A",
                           "type: sc, constant: 1, repeat: [0, 1, 1], species: A"})
    EXPECT_TRUE(refuses(with_lattice(keys), "expected")) << keys;
  for (const char* stage :
       {"dynamics: {steps: -1, timestep: 1}", "dynamics: {steps: 1, timestep: 0}",
        "dynamics: {duration: 0, timestep: 1}", "minimize: {force_tolerance: 0}",
        "minimize: {max_steps: -1}"})
    EXPECT_TRUE(refuses(with_run(stage), "expected")) << stage;
  EXPECT_TRUE(
      refuses(small_input("", "{structure: a.xyz, species: [{name: A, mass: 0}]}"), "expected"));
  EXPECT_TRUE(
      refuses(small_input("", "{structure: a.xyz, velocities: {temperature: -1}}"), "expected"));
}

TEST(RunSchema, WantsExactlyOneOfAlternatives) {
  EXPECT_TRUE(refuses(
      with_lattice("type: sc, constant: 1, density: 1, repeat: [1, 1, 1], species: A"), "exclude"));
  EXPECT_TRUE(
      refuses(with_lattice("type: sc, repeat: [1, 1, 1], species: A"), "'constant', 'density'"));
  EXPECT_TRUE(refuses(with_run("dynamics: {steps: 1, duration: 1, timestep: 1}"), "exclude"));
  EXPECT_TRUE(refuses(with_run("dynamics: {timestep: 1}"), "'steps', 'duration'"));
  EXPECT_TRUE(refuses(small_input("", "{periodic: [true, true, true]}"), "'lattice', 'structure'"));
}

/// Names of keys and kinds below `schema` that have no sentence with a full stop.
void find_undocumented(const io::Schema& schema, std::string where,
                       std::vector<std::string>& found) {
  const auto check = [&](const std::string& name, const std::string& sentence,
                         const io::Schema& below) {
    if (sentence.size() < 5 || sentence.back() != '.') found.push_back(where + "." + name);
    find_undocumented(below, where + "." + name, found);
  };
  for (const auto& key : schema.node().keys) check(key.name, key.sentence, key.schema);
  for (const auto& kind : schema.node().kinds) check(kind.name, kind.sentence, kind.options);
  for (const auto& part : schema.node().parts) find_undocumented(part, where, found);
}

TEST(RunSchema, DocumentsEveryKey) {
  std::vector<std::string> found;
  find_undocumented(run_schema(test::test_kinds()), "", found);
  EXPECT_EQ(found, std::vector<std::string>{});
}

TEST(RunSettings, TurnsADurationIntoSteps) {
  const auto document = parse_run(with_run("dynamics: {duration: 5 ps, timestep: 5 fs}"));
  const auto settings = read_run_settings(document->root());
  EXPECT_EQ(faults_of(*document), "");
  EXPECT_EQ(std::get<DynamicsStage>(settings.stages.at(0)).steps, 1000);
  EXPECT_DOUBLE_EQ(std::get<DynamicsStage>(settings.stages.at(0)).timestep, 0.005);
}

TEST(RunSettings, RefusesADurationThatIsNoWholeNumberOfSteps) {
  for (const char* duration : {"5.5 fs", "1 fs", "1e20 ps"}) {
    const auto document =
        parse_run(with_run("dynamics: {duration: " + std::string(duration) + ", timestep: 2 fs}"));
    read_run_settings(document->root());
    const auto faults = faults_of(*document);
    EXPECT_EQ(faults.substr(0, 3), "5: ") << duration;
    EXPECT_NE(faults.find("time steps"), std::string::npos) << faults;
  }
}

TEST(RunSettings, HasDefaultsThatDependOnTheUnits) {
  const auto skin = [](const std::string& units) {
    const auto document = parse_run(
        small_input("", "{lattice: {type: sc, density: 1, repeat: [1, 1, 1], species: A}}", units));
    return read_run_settings(document->root()).skin;
  };
  EXPECT_EQ(skin("lj"), 0.3);
  EXPECT_EQ(skin("metal"), 1.0);
  const auto document = parse_run(small_input("neighbor: 2 nm"));
  EXPECT_EQ(read_run_settings(document->root()).skin, 20.0);
  EXPECT_EQ(read_run_settings(document->root()).output.directory, "input");
}

TEST(RunSettings, ReportsFaultsOfSeveralKeysTogether) {
  const auto document =
      parse_run(small_input("output: {trajectory: {every: 1, fields: [force, force]}}",
                            "{lattice: {type: sc, constant: 1, repeat: [1, 1, 1], species: C}, "
                            "species: [{name: A}, {name: A}]}"));
  read_run_settings(document->root());
  const auto faults = faults_of(*document);
  EXPECT_NE(faults.find("3: unknown species 'C'"), std::string::npos) << faults;
  EXPECT_NE(faults.find("3: the species 'A' is listed twice"), std::string::npos) << faults;
  EXPECT_NE(faults.find("6: 'force' is listed twice"), std::string::npos) << faults;
}

}  // namespace
}  // namespace r1::md
