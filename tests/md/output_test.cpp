// The files that a run leaves, read back, and the pieces that make them.
// SPDX-License-Identifier: Apache-2.0
#include "io/extxyz.hpp"
#include "io/hdf5.hpp"
#include "md/output/frame_writer.hpp"
#include "md/output/output_set.hpp"
#include "tests/md/small_run.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <fstream>
#include <sstream>

namespace {

using namespace r1;
using test::world;
namespace fs = std::filesystem;

constexpr std::int64_t kSteps = 10;

std::string text_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  EXPECT_TRUE(in.is_open()) << file;
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const fs::path& file) {
  std::istringstream in(text_of(file));
  std::vector<std::string> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<double> numbers_of(const std::string& line) {
  std::istringstream in(line);
  std::vector<double> numbers;
  for (std::string cell; std::getline(in, cell, ',');) numbers.push_back(std::stod(cell));
  return numbers;
}

io::Structure warm_lattice() {
  auto structure = test::cubic_lattice(4, 1.1);
  test::Uniform uniform(2);
  for (std::size_t k = 0; k < structure.size(); ++k)
    structure.velocity.push_back({uniform() - 0.5, uniform() - 0.5, uniform() - 0.5});
  return structure;
}

md::OutputSettings settings_of(const md::ObservableRegistry& registry) {
  const auto document = io::parse_config(
      "o: [{rdf: {every: 4, cutoff: 2.5, bins: 25}}, {msd: {every: 2}}, {msd: {every: 5}}]\n",
      "input.yaml",
      io::mapping({io::Key("o", io::list(registry.schema()), "Observables.").required_()}));
  document->check();
  md::OutputSettings settings;
  settings.thermo_every = 4;
  settings.trajectory = md::TrajectorySettings{5,
                                               {"h5md", "extxyz"},
                                               {"position", "image", "velocity", "force"},
                                               md::TrajectorySettings::Precision::double_};
  settings.observables = document->root()["o"].items();
  return settings;
}

/// A run of ten steps and what it left.
struct Left {
  fs::path folder;
  md::Summary summary;
  std::vector<double> last_row;
};

const Left& left() {
  static const Left run = [] {
    const auto comm = world();
    Left out;
    out.folder = fs::path(testing::TempDir()) / ("r1_output_np" + std::to_string(comm.size()));
    if (comm.rank() == 0) {
      fs::remove_all(out.folder);
      fs::create_directories(out.folder);
    }
    auto simulation = test::make_simulation(warm_lattice(), comm, 1.5, 0.2);
    const auto registry = md::builtin_observables();
    md::OutputSet outputs(settings_of(registry), registry, simulation.system().units,
                          simulation.system().species);
    outputs.register_fields(simulation.system());
    simulation.prepare();
    outputs.attach(simulation, out.folder,
                   {"r1md", "0.1.0", "", "2025-01-31T12:00:00Z", "r1md: 1\n"});
    outputs.events().start({"r1md", "input.yaml", 64, comm.size(), 1, "host"});
    outputs.events().stage_begin(0, "dynamics", kSteps);
    test::run_freely(simulation, kSteps, 0.002);
    outputs.events().stage_end(0, "dynamics", kSteps, 0.5);
    out.summary = outputs.finish(simulation, {kSteps, 2.0, 0.5, "host"});
    outputs.events().end(0, "");
    out.last_row = outputs.thermo().last_row();
    comm.barrier();
    return out;
  }();
  return run;
}

TEST(ThermoOutput, WritesTheStepsThatAreDueWithAllDigits) {
  const auto& run = left();
  const auto lines = lines_of(run.folder / "thermo.csv");
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_EQ(
      lines[0],
      "step,time,temperature,potential_energy,kinetic_energy,total_energy,pressure,pressure_xx,"
      "pressure_yy,pressure_zz,pressure_xy,pressure_xz,pressure_yz,volume,conserved_energy");
  const std::vector<double> steps{0, 4, 8, 10};
  for (std::size_t k = 0; k < steps.size(); ++k) {
    const auto row = numbers_of(lines[k + 1]);
    ASSERT_EQ(row.size(), 15U);
    EXPECT_EQ(row[0], steps[k]);
    EXPECT_NEAR(row[1], 0.002 * steps[k], 1e-15);
    EXPECT_EQ(row[5], row[3] + row[4]);
    EXPECT_NEAR(row[6], (row[7] + row[8] + row[9]) / 3, 1e-13);
    EXPECT_EQ(row[14], row[5]);  // without a thermostat
  }
  const auto last = numbers_of(lines[4]);
  EXPECT_EQ(std::vector<double>(last.begin() + 1, last.end()), run.last_row);  // to the last bit
}

TEST(TrajectoryOutput, WritesTheSameFramesInBothFormats) {
  const auto& run = left();
  const auto frames = io::read_all_frames(run.folder / "trajectory.xyz");
  ASSERT_EQ(frames.size(), 3U);  // 0, 5, 10
  const auto file = io::hdf5::File::open_to_read(run.folder / "trajectory.h5md");
  const auto all = file.root().group("particles/trajectory");
  EXPECT_EQ(all.dataset("position/step").read<std::int64_t>(),
            (std::vector<std::int64_t>{0, 5, 10}));
  const auto position = all.dataset("position/value").read<double>();
  const auto velocity = all.dataset("velocity/value").read<double>();
  const auto force = all.dataset("force/value").read<double>();
  ASSERT_EQ(position.size(), 3U * 64 * 3);
  for (std::size_t f = 0; f < 3; ++f) {
    EXPECT_EQ(frames[f].info.at("step"), std::to_string(5 * f));
    for (std::size_t i = 0; i < 64; ++i)
      for (std::size_t d = 0; d < 3; ++d) {
        const std::size_t at = (f * 64 + i) * 3 + d;
        EXPECT_EQ(frames[f].position[i][d], position[at]);
        EXPECT_EQ(frames[f].velocity[i][d], velocity[at]);
        EXPECT_EQ(frames[f].force[i][d], force[at]);
        EXPECT_GE(position[at], frames[f].cell->origin[d]);
        EXPECT_LT(position[at], frames[f].cell->origin[d] + 4.4);
      }
  }
}

TEST(OutputSet, WritesObservablesOfSeveralKinds) {
  const auto file = io::hdf5::File::open_to_read(left().folder / "observables.h5");
  const auto root = file.root();
  EXPECT_EQ(root.dataset("rdf/A-A/r").read<double>().size(), 25U);
  EXPECT_EQ(root.dataset("rdf/A-A/g").read<double>(), root.dataset("rdf/all/g").read<double>());
  EXPECT_EQ(root.dataset("msd/step").read<std::int64_t>(),
            (std::vector<std::int64_t>{0, 2, 4, 6, 8, 10}));
  EXPECT_EQ(root.dataset("msd_2/step").read<std::int64_t>(), (std::vector<std::int64_t>{0, 5, 10}));
  EXPECT_EQ(root.dataset("msd/total").read<double>().back(),
            root.dataset("msd_2/species/A").read<double>().back());
}

TEST(OutputSet, SummarisesTheRun) {
  const auto& run = left();
  const auto json = nlohmann::json::parse(text_of(run.folder / "summary.json"));
  EXPECT_EQ(json["atoms"], 64);
  EXPECT_EQ(json["steps"], kSteps);
  EXPECT_EQ(json["ranks"], world().size());
  EXPECT_EQ(json["units"], "lj");
  EXPECT_EQ(json["constants"], "lammps");
  EXPECT_EQ(json["atom_steps_per_second"], 64 * 10 / 0.5);
  EXPECT_EQ(json["final_thermo"].size(), 14U);
  EXPECT_EQ(json["final_thermo"]["volume"].get<double>(), run.last_row[12]);
  EXPECT_TRUE(std::isfinite(json["drift"]["value"].get<double>()));
  EXPECT_GT(json["drift"]["standard_error"].get<double>(), 0);
  EXPECT_GT(json["bytes_per_atom"].get<double>(), 100);
  double shares = 0;
  for (const auto& [name, phase] : json["phases"].items()) shares += phase["share"].get<double>();
  EXPECT_NEAR(shares, 1.0, 1e-9);
  EXPECT_GT(json["phases"]["force"]["seconds"].get<double>(), 0);
}

TEST(OutputSet, LogsEventsInOrder) {
  std::vector<std::string> events;
  for (const auto& line : lines_of(left().folder / "run.jsonl")) {
    const std::string event = nlohmann::json::parse(line)["event"];
    if (event != "progress") events.push_back(event);  // by the clock: a busy machine may log some
  }
  EXPECT_EQ(events,
            (std::vector<std::string>{"start", "stage_begin", "stage_end", "timings", "end"}));
}

TEST(Extxyz, HasElectronvoltsAndPicosecondsWhateverTheRunsUnits) {
  md::AtomFrame frame;
  frame.id = {1};
  frame.type = {0};
  frame.position = {{1, 2, 3}};
  frame.velocity = {{0.001, 0, 0}};  // Å/fs
  frame.force = {{0, 1, 0}};         // kcal/mol/Å
  const Box box =
      Box::make({Vec3{5, 0, 0}, Vec3{0, 5, 0}, Vec3{0, 0, 5}}, {0, 0, 0}, {true, true, true});
  const auto s = md::to_structure(frame, {7, 2.0, box, {{"Ar", 39.948}}, UnitStyle::real});
  EXPECT_EQ(s.position[0], (io::Vec3{1, 2, 3}));
  EXPECT_NEAR(s.velocity[0][0], 1.0, 1e-15);
  EXPECT_NEAR(s.force[0][1], 0.0433641042, 1e-9);  // 4184 J/mol over the Faraday constant
}

TEST(DriftFit, FindsALineBesideALargeConstant) {
  md::DriftFit fit;
  for (int k = 0; k <= 1000; ++k) fit.add(0.01 * k, -1e6 + 3e-5 * k, 2.0);
  // Energies are rounded to 1e-10 here, which a thousand of them over a time of 10 average down.
  EXPECT_NEAR(fit.slope().value, 3e-3, 1e-11);
  EXPECT_LT(fit.slope().error, 1e-11);
  EXPECT_NEAR(fit.per_degree_of_freedom(300, 0.5).value, 3e-3 / (300 * 0.5 * 2) * 1000, 1e-10);
}

TEST(DriftFit, GivesTheStandardErrorOfTheSlope) {
  // t = 0..3, E = 1, 3, 2, 5: slope 1.1, residuals -0.1, 0.8, -1.3, 0.6, so error^2 = (2.7/2)/5.
  md::DriftFit fit;
  const double energies[] = {1, 3, 2, 5};
  for (int t = 0; t < 4; ++t) fit.add(t, energies[t], 1.0);
  EXPECT_NEAR(fit.slope().value, 1.1, 1e-14);
  EXPECT_NEAR(fit.slope().error, std::sqrt(2.7 / 2 / 5), 1e-14);
}

TEST(DriftFit, IsUnknownWithoutEnoughPoints) {
  md::DriftFit fit;
  EXPECT_TRUE(std::isnan(fit.slope().value));
  fit.add(0, 1, 1);
  EXPECT_TRUE(std::isnan(fit.slope().value));
  fit.add(2, 5, 1);
  EXPECT_EQ(fit.slope().value, 2);
  EXPECT_TRUE(std::isnan(fit.slope().error));
}

}  // namespace
