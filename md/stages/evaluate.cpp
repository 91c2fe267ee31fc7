// SPDX-License-Identifier: Apache-2.0
#include "md/stages/evaluate.hpp"

#include "comm/agree.hpp"
#include "io/extxyz.hpp"
#include "md/output/frame_writer.hpp"
#include "md/setup/distribute.hpp"

#include <algorithm>
#include <cmath>

namespace r1::md {
namespace {

// As many cells as the halo tells apart.
constexpr double kMostCells = 10;

double largest(const std::vector<io::Vec3>& forces) {
  double most = 0;
  for (const auto& f : forces) most = std::max(most, f[0] * f[0] + f[1] * f[1] + f[2] * f[2]);
  return std::sqrt(most);
}

/// Stress in the units of extxyz; none without full periodicity.
std::optional<std::array<double, 9>> stress_of(const Thermo& thermo, const Units& units) {
  if (!std::isfinite(thermo.pressure)) return std::nullopt;
  const double length = to_metal(units.style, Quantity::length);
  const double factor = -to_metal(units.style, Quantity::energy) /
                        (length * length * length * units.energy_per_volume_to_pressure);
  std::array<double, 9> stress{};
  for (std::size_t k = 0; k < 9; ++k) stress[k] = factor * thermo.pressure_tensor[k];
  return stress;
}

/// Cell lengths are Å in the file (lj: reduced), the run's unit of length in the result.
Box box_of(const io::Cell& cell, UnitStyle style) {
  const double length = 1 / to_metal(style, Quantity::length);
  Kokkos::Array<Vec3, 3> vectors{};
  Vec3 origin{};
  Kokkos::Array<bool, 3> periodic{};
  for (std::size_t a = 0; a < 3; ++a) {
    origin[a] = cell.origin[a] * length;
    periodic[a] = cell.periodic[a];
    for (std::size_t d = 0; d < 3; ++d) vectors[a][d] = cell.vectors[a][d] * length;
  }
  return Box::make(vectors, origin, periodic);
}

Box checked_box(const io::Structure& frame, const std::string& place, UnitStyle style,
                double list_cutoff) {
  const auto refuse = [&](const std::string& message) {
    throw ConfigError({Diagnostic{place, 0, 0, message, ""}});
  };
  if (!frame.cell) refuse("the frame has no cell; give it a Lattice");
  if (frame.size() == 0) refuse("the frame has no atoms");
  Box box;
  try {
    box = box_of(*frame.cell, style);
  } catch (const Error& error) {
    refuse(error.what());
  }
  for (int d = 0; d < 3; ++d)
    if (box.periodic[d] && list_cutoff > kMostCells * box.width[d])
      refuse("the cell is too small for the cutoff, which reaches more than " +
             std::to_string(static_cast<int>(kMostCells)) + " cells; repeat it");
  return box;
}

std::vector<std::string> names_of(const std::vector<Species>& species) {
  std::vector<std::string> names;
  for (const auto& s : species) names.push_back(s.name);
  return names;
}

/// From the units of extxyz to the run's; lengths are the same in all styles that have units.
void convert_velocities(io::Structure& frame, UnitStyle style) {
  const double factor = 1 / to_metal(style, Quantity::velocity);
  for (auto& v : frame.velocity)
    for (double& component : v) component *= factor;
}

/// The atoms of rank 0's `frame` as a system of the same species as `like`.
System system_of(const Simulation& like, const Box& box, const io::Structure& frame) {
  System system(like.system().units);
  system.box = box;
  system.set_species(like.system().species);
  distribute_atoms(like.exec(), like.comm(), frame, system);
  if (like.system().fixed.on()) system.to_fixed_point(like.exec());
  return system;
}

/// Of a simulation whose forces and totals are those of the present positions.
void report_frame(Simulation& simulation, const FrameSink& sink, std::int64_t index) {
  const Thermo thermo = simulation.thermo();
  const System& system = simulation.system();
  const FrameFields fields{false, true, true};
  const auto frame = gather_by_id(simulation.exec(), system, simulation.comm(), fields);
  if (!std::isfinite(thermo.potential_energy))
    throw NumericError("the potential energy of frame " + std::to_string(index) +
                       " is not finite; do atoms overlap?");
  if (simulation.comm().rank() != 0) return;
  const FrameInfo info{simulation.step(), simulation.time(), system.box, system.species,
                       system.units.style};
  auto structure = to_structure(frame, info);
  structure.energy = thermo.potential_energy * to_metal(system.units.style, Quantity::energy);
  structure.stress = stress_of(thermo, system.units);
  EvaluatedFrame result{index, system.n_global, thermo.potential_energy, largest(frame.force), ""};
  io::append_extxyz(result.extxyz, structure);
  sink(result);
}

}  // namespace

void evaluate(Simulation& simulation, const FrameSink& sink) {
  simulation.update_forces(Tally::Level::totals);
  report_frame(simulation, sink, 0);
}

std::int64_t evaluate_frames(Simulation& simulation, const std::filesystem::path& file,
                             const FrameSink& sink) {
  const auto& comm = simulation.comm();
  const auto style = simulation.system().units.style;
  std::optional<io::ExtxyzReader> reader;
  agree_on_root(comm, [&] { reader.emplace(file, names_of(simulation.system().species)); });
  for (std::int64_t index = 0;; ++index) {
    const auto region = simulation.profile().region("evaluate");
    std::optional<io::Structure> frame;
    Box box;
    agree_on_root(comm, [&] {
      frame = reader->next();
      if (!frame) return;
      convert_velocities(*frame, style);
      box = checked_box(*frame, file.string() + ": frame " + std::to_string(index), style,
                        simulation.neighbors().list_cutoff());
    });
    int found = frame ? 1 : 0;
    comm.broadcast(std::span<int>(&found, 1));
    if (found == 0) return index;
    comm.broadcast(std::span<Box>(&box, 1));
    // The force field is lent to the frame's simulation: it may have read large tables.
    Simulation of_frame(simulation.exec(), comm,
                        system_of(simulation, box, frame.value_or(io::Structure{})),
                        std::move(simulation.force_field()), simulation.neighbors().skin());
    of_frame.prepare();
    report_frame(of_frame, sink, index);
    simulation.force_field() = std::move(of_frame.force_field());
  }
}

}  // namespace r1::md
