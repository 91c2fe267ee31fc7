// Trajectory: frames come back bit for bit, in H5MD's units, from one file or many segments, after restarts and after a kill.
// SPDX-License-Identifier: Apache-2.0
#include "io/h5md.hpp"

#include "core/error.hpp"
#include "io/observables_file.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <set>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace r1::io;
using r1::UnitStyle;

constexpr std::size_t kAtoms = 7;
constexpr std::size_t kFrameBytes = 8 + 8 + 72 + kAtoms * (24 + 12 + 24 + 24);

std::vector<Vec3> numbers(std::int64_t frame, double scale) {
  std::vector<Vec3> values(kAtoms);
  for (std::size_t i = 0; i < kAtoms; ++i)
    for (std::size_t k = 0; k < 3; ++k)
      values[i][k] = scale * (static_cast<double>(i) / 3 + static_cast<double>(frame) / 7 +
                              static_cast<double>(k) / 11);
  return values;
}

H5mdSetup setup(UnitStyle style = UnitStyle::metal,
                StoredPrecision precision = StoredPrecision::float64) {
  H5mdSetup made;
  made.style = style;
  made.precision = precision;
  made.fields = {H5mdField::image, H5mdField::velocity, H5mdField::force};
  made.periodic = {true, false, true};
  for (std::size_t i = 0; i < kAtoms; ++i) made.id.push_back(10 * static_cast<std::int64_t>(i) + 1);
  made.species = {0, 1, 0, 1, 0, 0, 0};
  made.species_names = {"Cu", "Zr"};
  made.mass.assign(kAtoms, 63.55);
  made.provenance = {"r1md", "0.1.0", "abc123", "2025-01-31T12:00:00Z",
                     "r1md: 1\nunits: metal  # Å\n"};
  return made;
}

void add_frame(TrajectoryFile& file, std::int64_t f) {
  const auto position = numbers(f, 1), velocity = numbers(f, -0.5), force = numbers(f, 0.25);
  const std::vector<Int3> image(kAtoms, {static_cast<std::int32_t>(f), 0, -1});
  H5mdFrame frame;
  frame.step = 100 * f;
  frame.time = 0.1 * static_cast<double>(f);
  frame.edges = {{{10, 0, 0}, {1, 11, 0}, {0.5, 0.25, 12 + static_cast<double>(f)}}};
  frame.position = position;
  frame.image = image;
  frame.velocity = velocity;
  frame.force = force;
  file.add(frame);
}

void add_frames(TrajectoryFile& file, std::int64_t first, std::int64_t last) {
  for (std::int64_t f = first; f < last; ++f) add_frame(file, f);
}

class Trajectory : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "r1_h5md_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = folder_ / "trajectory.h5md";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::vector<std::string> files() const {
    std::set<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_))
      if (entry.is_regular_file())
        names.insert(std::filesystem::relative(entry.path(), folder_).string());
    return {names.begin(), names.end()};
  }

  std::filesystem::path folder_, path_;
};

template <class T>
std::vector<T> read(const std::filesystem::path& path, const std::string& name) {
  const hdf5::File file = hdf5::File::open_to_read(path);
  return file.root()
      .group("particles/trajectory")
      .dataset(name, hdf5::Group::Accept::virtual_too)
      .read<T>();
}

std::string unit(const std::filesystem::path& path, const std::string& name) {
  const hdf5::File file = hdf5::File::open_to_read(path);
  const hdf5::Dataset data =
      file.root().group("particles/trajectory").dataset(name, hdf5::Group::Accept::virtual_too);
  return data.has_attribute("unit") ? data.text("unit") : "none";
}

/// The file holds exactly frames 0 to `frames`, in metal units, to the last bit of the positions.
void expect_frames(const std::filesystem::path& path, std::int64_t frames) {
  const auto step = read<std::int64_t>(path, "position/step");
  const auto time = read<double>(path, "position/time");
  const auto position = read<double>(path, "position/value");
  const auto velocity = read<double>(path, "velocity/value");
  const auto force = read<double>(path, "force/value");
  const auto image = read<std::int32_t>(path, "image/value");
  const auto edges = read<double>(path, "box/edges/value");
  ASSERT_EQ(step.size(), static_cast<std::size_t>(frames));
  ASSERT_EQ(position.size(), step.size() * kAtoms * 3);
  ASSERT_EQ(edges.size(), step.size() * 9);
  EXPECT_EQ(read<std::int64_t>(path, "force/step"), step);
  EXPECT_EQ(read<double>(path, "box/edges/time"), time);
  const double to_kj = r1::to_h5md(UnitStyle::metal, r1::Quantity::force);
  for (std::size_t f = 0; f < step.size(); ++f) {
    const auto frame = static_cast<std::int64_t>(f);
    EXPECT_EQ(step[f], 100 * frame);
    EXPECT_EQ(time[f], 0.1 * static_cast<double>(frame));
    EXPECT_EQ(edges[9 * f + 8], 12.0 + static_cast<double>(frame));
    EXPECT_EQ(image[3 * kAtoms * f], frame);
    const auto x = numbers(frame, 1), v = numbers(frame, -0.5),
               expected_force = numbers(frame, 0.25);
    ASSERT_EQ(std::memcmp(&position[3 * kAtoms * f], x.data(), sizeof(Vec3) * kAtoms), 0)
        << "frame " << f;
    ASSERT_EQ(std::memcmp(&velocity[3 * kAtoms * f], v.data(), sizeof(Vec3) * kAtoms), 0)
        << "frame " << f;
    for (std::size_t i = 0; i < 3 * kAtoms; ++i)
      EXPECT_EQ(force[3 * kAtoms * f + i], expected_force[i / 3][i % 3] * to_kj);
  }
}

TEST_F(Trajectory, IsOnePlainFileWhileItIsSmall) {
  TrajectoryFile file(path_, setup());
  EXPECT_TRUE(files().empty()) << "nothing is written before the first flush";
  add_frames(file, 0, 3);
  file.flush();
  expect_frames(path_, 3);
  add_frames(file, 3, 5);
  expect_frames(path_, 3);
  file.flush();
  expect_frames(path_, 5);
  EXPECT_EQ(file.frames(), 5);
  EXPECT_EQ(files(), std::vector<std::string>{"trajectory.h5md"});
}

TEST_F(Trajectory, GrowsIntoSegmentsThatTheMasterJoins) {
  TrajectoryFile file(path_, setup(), 4 * kFrameBytes);
  for (std::int64_t f = 0; f < 11; ++f) {
    add_frame(file, f);
    if (f % 3 == 0) {
      file.flush();
      expect_frames(path_, f + 1);
    }
  }
  file.flush();
  expect_frames(path_, 11);
  EXPECT_EQ(files(), (std::vector<std::string>{"trajectory.h5md", "trajectory/0000.h5",
                                               "trajectory/0001.h5", "trajectory/0002.h5"}));
  expect_frames(folder_ / "trajectory/0000.h5", 4);  // each segment is a trajectory of its own
}

TEST_F(Trajectory, OpensFromAnotherWorkingDirectoryAndAfterAMove) {
  {
    TrajectoryFile file(path_, setup(), 2 * kFrameBytes);
    add_frames(file, 0, 5);
    file.flush();
  }
  const auto moved = folder_ / "moved";
  std::filesystem::create_directory(moved);
  std::filesystem::rename(path_, moved / "trajectory.h5md");
  std::filesystem::rename(folder_ / "trajectory", moved / "trajectory");
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path("/");
  expect_frames(moved / "trajectory.h5md", 5);
  std::filesystem::current_path(folder_);
  expect_frames("moved/trajectory.h5md", 5);
  std::filesystem::current_path(before);
}

TEST_F(Trajectory, OlderMasterStaysTrueBesideANewerSegment) {
  TrajectoryFile file(path_, setup(), 4 * kFrameBytes);
  add_frames(file, 0, 5);
  file.flush();
  const auto kept = folder_ / "older.h5md";
  std::filesystem::copy_file(path_, kept);  // as if the next flush died between segment and master
  add_frames(file, 5, 8);
  expect_frames(path_, 8);
  expect_frames(kept, 5);
}

TEST_F(Trajectory, ResumesAtAnyFrame) {
  for (const std::int64_t written : {3, 8, 10})
    for (std::int64_t kept = 0; kept <= written; ++kept) {
      TrajectoryFile::remove(path_);
      {
        TrajectoryFile file(path_, setup(), 4 * kFrameBytes);
        add_frames(file, 0, written);
        file.flush();
      }
      TrajectoryFile file = TrajectoryFile::resume(path_, setup(), kept, 4 * kFrameBytes);
      EXPECT_EQ(file.frames(), kept);
      if (kept > 0) expect_frames(path_, kept);
      EXPECT_EQ(files().size(), kept == 0  ? 0
                                : kept < 4 ? 1
                                           : 1 + (static_cast<std::size_t>(kept) + 3) / 4)
          << written << " " << kept;
      add_frames(file, kept, 13);
      file.flush();
      expect_frames(path_, 13);
    }
}

TEST_F(Trajectory, RefusesWhatItCannotContinue) {
  {
    TrajectoryFile file(path_, setup());
    add_frames(file, 0, 3);
    file.flush();
  }
  EXPECT_THROW(TrajectoryFile(path_, setup()), r1::IoError);
  EXPECT_THROW(TrajectoryFile::resume(path_, setup(), 4), r1::IoError);
  EXPECT_THROW(TrajectoryFile::resume(path_, setup(UnitStyle::metal, StoredPrecision::float32), 3),
               r1::IoError);
  H5mdSetup fewer = setup();
  fewer.id.pop_back(), fewer.species.pop_back(), fewer.mass.pop_back();
  EXPECT_THROW(TrajectoryFile::resume(path_, fewer, 3), r1::IoError);
  expect_frames(path_, 3);
}

TEST_F(Trajectory, IsNotContinuedWithoutTheSegmentItGoesOnFrom) {
  {
    TrajectoryFile file(path_, setup(), 4 * kFrameBytes);
    add_frames(file, 0, 6);
    file.flush();
  }
  const auto segment = path_.parent_path() / path_.stem() / "0001.h5";
  std::ofstream(segment, std::ios::binary) << "no HDF5";
  EXPECT_THROW(TrajectoryFile::resume(path_, setup(), 6, 4 * kFrameBytes), r1::IoError);
  std::filesystem::remove(segment);
  EXPECT_THROW(TrajectoryFile::resume(path_, setup(), 6, 4 * kFrameBytes), r1::IoError);
  EXPECT_EQ(TrajectoryFile::resume(path_, setup(), 4, 4 * kFrameBytes).frames(), 4);
}

TEST_F(Trajectory, CarriesUnitsAndConvertsForces) {
  {
    TrajectoryFile file(path_, setup(UnitStyle::real));
    add_frames(file, 0, 2);
    file.flush();
  }
  EXPECT_EQ(unit(path_, "position/value"), "Angstrom");
  EXPECT_EQ(unit(path_, "box/edges/value"), "Angstrom");
  EXPECT_EQ(unit(path_, "position/time"), "ps");
  EXPECT_EQ(unit(path_, "velocity/time"), "ps");
  EXPECT_EQ(unit(path_, "velocity/value"), "Angstrom ps-1");
  EXPECT_EQ(unit(path_, "force/value"), "kJ mol-1 Angstrom-1");
  EXPECT_NEAR(read<double>(path_, "position/time")[1], 1e-4, 1e-19);            // 0.1 fs
  EXPECT_DOUBLE_EQ(read<double>(path_, "velocity/value")[2], -500.0 * 2 / 11);  // Å/fs
  EXPECT_DOUBLE_EQ(read<double>(path_, "force/value")[2], 4.184 * 0.25 * 2 / 11);
}

TEST_F(Trajectory, LeavesReducedUnitsAlone) {
  {
    TrajectoryFile file(path_, setup(UnitStyle::lj));
    add_frames(file, 0, 2);
    file.flush();
  }
  for (const char* name :
       {"position/value", "position/time", "velocity/value", "force/value", "mass"})
    EXPECT_EQ(unit(path_, name), "none") << name;
  const auto force = numbers(0, 0.25);
  const auto read_force = read<double>(path_, "force/value");
  EXPECT_EQ(std::memcmp(read_force.data(), force.data(), sizeof(Vec3) * kAtoms), 0);
}

TEST_F(Trajectory, StoresSinglePrecisionOnDemand) {
  {
    TrajectoryFile file(path_, setup(UnitStyle::metal, StoredPrecision::float32), 3000);
    add_frames(file, 0, 9);
    file.flush();
  }
  const auto position = read<float>(path_, "position/value");
  const auto expected = numbers(8, 1);
  EXPECT_EQ(position[3 * kAtoms * 8 + 4], static_cast<float>(expected[1][1]));
  EXPECT_EQ(read<double>(path_, "box/edges/value")[4], 11.0) << "the box keeps double precision";
}

TEST_F(Trajectory, DescribesAtomsBoxAndOrigin) {
  {
    TrajectoryFile file(path_, setup());
    add_frames(file, 0, 1);
    file.flush();
  }
  const hdf5::File file = hdf5::File::open_to_read(path_);
  const hdf5::Group root = file.root(), particles = root.group("particles/trajectory");
  EXPECT_EQ(root.group("h5md").numbers<std::int32_t>("version"), (std::vector<std::int32_t>{1, 1}));
  EXPECT_EQ(root.group("h5md/author").text("name"), "N/A");
  EXPECT_EQ(root.group("h5md/creator").text("version"), "0.1.0");
  EXPECT_EQ(root.text("git_sha"), "abc123");
  EXPECT_EQ(root.text("input_yaml"), setup().provenance.input_yaml);
  EXPECT_EQ(particles.group("box").number<std::int32_t>("dimension"), 3);
  EXPECT_EQ(particles.group("box").texts("boundary"),
            (std::vector<std::string>{"periodic", "none", "periodic"}));
  EXPECT_EQ(particles.dataset("id").read<std::int64_t>(), setup().id);
  EXPECT_EQ(particles.dataset("species").texts("names"), setup().species_names);
  EXPECT_EQ(particles.dataset("mass").read<double>()[0], 63.55);
  EXPECT_FALSE(particles.has("charge"));
  EXPECT_EQ(particles.dataset("position/value").shape(), (hdf5::Shape{1, kAtoms, 3}));
}

/// Starts a writer that flushes every third frame, and kills it `delay` microseconds after its n-th flush.
void write_and_kill(const std::filesystem::path& path, int flushes, useconds_t delay) {
  int ends[2];
  ASSERT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    TrajectoryFile file(path, setup(), 4 * kFrameBytes);
    for (std::int64_t f = 0;; ++f) {
      add_frame(file, f);
      if (f % 3 != 0) continue;
      file.flush();
      if (::write(ends[1], "f", 1) != 1) ::_exit(1);
    }
  }
  char flushed = 0;
  for (int n = 0; n < flushes; ++n) ASSERT_EQ(::read(ends[0], &flushed, 1), 1);
  ::usleep(delay);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  ::close(ends[0]);
  ::close(ends[1]);
}

// Killed at any moment, between or inside flushes, a run leaves a whole prefix of its frames, and can go on from it.
TEST_F(Trajectory, SurvivesKillsAtAnyMoment) {
  for (int round = 0; round < 12; ++round) {
    TrajectoryFile::remove(path_);
    const int flushes = 1 + round % 4;
    write_and_kill(path_, flushes, static_cast<useconds_t>(1777 * round % 9000));
    const auto frames =
        static_cast<std::int64_t>(read<std::int64_t>(path_, "position/step").size());
    EXPECT_GE(frames, 3 * flushes - 2) << "what was flushed is there";
    expect_frames(path_, frames);
    TrajectoryFile file = TrajectoryFile::resume(path_, setup(), frames, 4 * kFrameBytes);
    add_frame(file, frames);
    file.flush();
    expect_frames(path_, frames + 1);
    if (HasFatalFailure()) return;
  }
}

TEST_F(Trajectory, MayBeEmptyOfAtoms) {
  H5mdSetup none = setup();
  none.id.clear(), none.species.clear(), none.mass.clear();
  TrajectoryFile file(path_, none);
  file.add(H5mdFrame{});
  file.flush();
  EXPECT_EQ(read<double>(path_, "position/value").size(), 0U);
}

TEST_F(Trajectory, ObservablesKeepColumnsUnitsAndCounts) {
  const std::vector<double> r{0.05, 0.15}, g{0.0, 1.5}, time{0.0, 0.1}, total{0.0, 0.3};
  const std::vector<std::int64_t> step{0, 100};
  const std::vector<MsdCurve> curves{{"total", total}};  // a species may have any name
  const auto path = folder_ / "observables.h5";
  for (const UnitStyle style : {UnitStyle::metal, UnitStyle::lj}) {
    const std::vector<ObservableTable> tables{rdf_table(style, "Cu-Cu", r, g, 17),
                                              rdf_table(style, "Cu-Zr", r, g, 17),
                                              msd_table(style, step, time, total, curves)};
    write_observables(path, setup().provenance, tables);
    const hdf5::File file = hdf5::File::open_to_read(path);
    const hdf5::Group root = file.root();
    EXPECT_EQ(root.group("rdf").members(), (std::vector<std::string>{"Cu-Cu", "Cu-Zr"}));
    EXPECT_EQ(root.group("rdf/Cu-Cu").number<std::int64_t>("frames"), 17);
    EXPECT_EQ(root.dataset("rdf/Cu-Zr/g").read<double>(), g);
    EXPECT_EQ(root.dataset("msd/step").read<std::int64_t>(), step);
    EXPECT_EQ(root.dataset("msd/species/total").read<double>(), total);
    EXPECT_EQ(root.dataset("rdf/Cu-Cu/r").has_attribute("unit"), style == UnitStyle::metal);
    if (style == UnitStyle::metal) {
      EXPECT_EQ(root.dataset("rdf/Cu-Cu/r").text("unit"), "Å");
      EXPECT_EQ(root.dataset("msd/total").text("unit"), "Å^2");
      EXPECT_EQ(root.dataset("msd/time").text("unit"), "ps");
    }
  }
}

}  // namespace
