// Everything that ranks write together, over and over, while half of them hold no atom: nobody waits for ever, nothing is lost.
// SPDX-License-Identifier: Apache-2.0
#include "md/checkpoint/system_state.hpp"
#include "md/output/frame_writer.hpp"
#include "md/output/trajectory_output.hpp"
#include "tests/md/melt.hpp"
#include "tests/md/small_run.hpp"
#include "tests/shared_folder.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

namespace r1::md {
namespace {

using test::world;

const io::Provenance kProvenance{"test", "1", "", "2025-01-31T12:00:00Z", ""};
constexpr int kRepeats = 500;

/// A slab of atoms in the lower half of a long cell, which is cut into one brick a rank.
Simulation half_full(const Communicator& comm) {
  auto structure = test::cubic_lattice(3, 1.2);
  structure.cell->vectors[0][0] = 30;
  const auto slab = structure;
  for (std::size_t k = 0; k < slab.size(); ++k) {
    structure.id.push_back(slab.id[k] + 27);
    structure.type.push_back(0);
    auto x = slab.position[k];
    x[0] += 9;
    structure.position.push_back(x);
  }
  const Units units = test::lammps_units(UnitStyle::lj);
  auto system = test::make_system(structure, units, comm);
  std::vector<std::unique_ptr<Potential>> potentials;
  potentials.push_back(test::make_potential(
      "lennard_jones: {cutoff: 1.5, pairs: [{species: [A, A], epsilon: 1.0, sigma: 1.0}]}", units,
      system.species));
  Simulation simulation(Exec(), comm, std::move(system), ForceField(std::move(potentials)), 0.2,
                        Int3{comm.size(), 1, 1});
  simulation.prepare();
  return simulation;
}

std::unique_ptr<TrajectoryOutput> trajectory_in(const std::filesystem::path& folder,
                                                const Communicator& comm) {
  const FrameFields fields{true, true, true};
  std::vector<std::unique_ptr<FrameWriter>> writers;
  if (comm.rank() == 0) {
    writers.push_back(make_h5md_writer(folder / "trajectory.h5md", fields,
                                       io::StoredPrecision::float64, kProvenance));
    writers.push_back(make_extxyz_writer(folder / "trajectory.xyz"));
  }
  return std::make_unique<TrajectoryOutput>(Schedule{1}, fields, std::move(writers));
}

TEST(EmptyRanks, WriteAndReadWithTheOthers) {
  const auto comm = world();
  const test::SharedFolder folder(comm);
  auto simulation = half_full(comm);
  const double empty = comm.sum(simulation.system().n_local == 0 ? 1 : 0);
  EXPECT_EQ(empty, comm.size() / 2);
  const auto trajectory = trajectory_in(folder.path(), comm);
  const auto file = folder / "checkpoint.h5";
  for (int k = 0; k < kRepeats; ++k) {
    trajectory->observe(simulation);
    if (k % 50 == 0) trajectory->flush(simulation);
    io::CheckpointWriter writer(comm);
    simulation.save(writer);
    trajectory->save(writer);
    writer.write(file, kProvenance);
    const io::CheckpointReader reader(comm, file);
    EXPECT_EQ(reader.rows("atoms/id"), 54U);
    auto again = restore_system(reader, simulation.system().units);
    restore_atoms(Exec(), comm, reader, again);
    EXPECT_EQ(comm.sum(again.n_local), 54);
  }
  trajectory->close(simulation);
}

}  // namespace
}  // namespace r1::md
