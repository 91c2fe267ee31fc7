// Writes a small results folder of known numbers with the program's own writers, for the tests of foreign readers:
//   make_sample DIRECTORY metal|real|lj [segment bytes]
// Position x of atom i in frame f is i/3 + f/7 and so on: the reader's side computes the same (expected.py).
// SPDX-License-Identifier: Apache-2.0
#include "io/h5md.hpp"
#include "io/observables_file.hpp"
#include "io/tensorboard.hpp"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>

namespace {

using r1::UnitStyle;
using r1::io::Vec3;

constexpr int kAtoms = 5, kFrames = 6;

// The three components differ by irrational-looking steps so that no reader can mix them up.
std::vector<Vec3> numbers(int frame, double scale) {
  std::vector<Vec3> values(kAtoms);
  for (int i = 0; i < kAtoms; ++i)
    for (int k = 0; k < 3; ++k)
      values[static_cast<std::size_t>(i)][static_cast<std::size_t>(k)] =
          scale * (i / 3.0 + frame / 7.0 + k / 11.0);
  return values;
}

r1::io::Provenance provenance() {
  return {"r1 sample", "0.1.0", "", r1::io::utc_now(), "r1md: 1\n"};
}

void write_trajectory(const std::string& folder, UnitStyle style, std::size_t segment_bytes) {
  using r1::io::H5mdField;
  r1::io::H5mdSetup setup;
  setup.style = style;
  setup.fields = {H5mdField::image, H5mdField::velocity, H5mdField::force};
  setup.id = {1, 2, 3, 4, 5};
  setup.species = {0, 0, 1, 1, 0};
  setup.species_names = {"Cu", "Zr"};
  setup.mass = {63.55, 63.55, 91.224, 91.224, 63.55};
  setup.provenance = provenance();
  r1::io::TrajectoryFile file(folder + "/trajectory.h5md", setup, segment_bytes);
  const std::vector<r1::io::Int3> image(kAtoms, {1, 0, -1});
  for (int f = 0; f < kFrames; ++f) {
    const auto position = numbers(f, 1.0), velocity = numbers(f, -0.5), force = numbers(f, 0.25);
    r1::io::H5mdFrame frame;
    frame.step = 100 * f;
    frame.time = 0.1 * f;
    frame.edges = {{{10, 0, 0}, {1, 11, 0}, {0.5, 0.25, 12}}};
    frame.position = position;
    frame.image = image;
    frame.velocity = velocity;
    frame.force = force;
    file.add(frame);
  }
  file.flush();
}

void write_observables(const std::string& folder, UnitStyle style) {
  std::vector<double> r, g, time, msd;
  std::vector<std::int64_t> step;
  for (int i = 0; i < 60; ++i) {
    r.push_back((i + 0.5) * 0.1);
    g.push_back(i < 20 ? 0.0 : 1.0 + 2.0 / (1.0 + 0.2 * (i - 25) * (i - 25)));
    step.push_back(100 * i);
    time.push_back(0.1 * i);
    msd.push_back(0.01 * i);
  }
  const std::vector<r1::io::MsdCurve> curves{{"Cu", msd}, {"Zr", msd}};
  const std::vector<r1::io::ObservableTable> tables{
      r1::io::rdf_table(style, "Cu-Zr", r, g, kFrames),
      r1::io::msd_table(style, step, time, msd, curves)};
  r1::io::write_observables(folder + "/observables.h5", provenance(), tables);
}

// Two files, as a run and its continuation leave them.
void write_events(const std::string& folder) {
  for (int part = 0; part < 2; ++part) {
    double now = 1.75e9 + 1000 * part;
    r1::io::TensorboardWriter events(folder + "/tensorboard", [&now] { return now; });
    for (int i = 50 * part; i < 50 * (part + 1); ++i) {
      now += 0.25;
      events.scalar("loss/train", 10 * i, 1 / (1 + i / 10.0));
      if (i % 10 == 9) events.scalar("loss/validation", 10 * i, 2 / (1 + i / 10.0));
    }
    events.close();
  }
}

}  // namespace

int main(int count, char** words) {
  if (count < 3) return 2;
  const std::string folder = words[1], style_name = words[2];
  const UnitStyle style = style_name == "lj"     ? UnitStyle::lj
                          : style_name == "real" ? UnitStyle::real
                                                 : UnitStyle::metal;
  try {
    write_trajectory(
        folder, style,
        count > 3 ? std::strtoull(words[3], nullptr, 10) : r1::io::TrajectoryFile::kSegmentBytes);
    write_observables(folder, style);
    write_events(folder);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
  return 0;
}
