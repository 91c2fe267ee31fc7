// SPDX-License-Identifier: Apache-2.0
#include "md/setup/load_system.hpp"

#include "comm/agree.hpp"
#include "md/setup/distribute.hpp"
#include "md/setup/lattice.hpp"
#include "md/setup/species.hpp"
#include "md/setup/structure_file.hpp"
#include "md/setup/velocities.hpp"

#include <algorithm>

namespace r1::md {
namespace {

Lattice lattice_of(const io::Config& system) {
  const auto options = system["lattice"];
  Lattice lattice;
  lattice.basis = lattice_basis(options["type"].text());
  lattice.constant = options.has("constant")
                         ? options["constant"].real()
                         : Lattice::constant_at(lattice.basis, options["density"].real());
  const auto repeat = options["repeat"].items();
  for (std::size_t d = 0; d < 3; ++d) lattice.repeat[d] = static_cast<int>(repeat[d].integer());
  // A species that the list lacks is a fault of the settings.
  const auto names = listed_species(system);
  const auto at = std::find(names.begin(), names.end(), options["species"].text());
  lattice.type = at == names.end() ? 0 : static_cast<int>(at - names.begin());
  return lattice;
}

Kokkos::Array<bool, 3> periodic_of(const io::Config& system) {
  Kokkos::Array<bool, 3> periodic{true, true, true};
  if (!system.has("periodic")) return periodic;
  const auto items = system["periodic"].items();
  for (std::size_t d = 0; d < 3; ++d) periodic[d] = items[d].boolean();
  return periodic;
}

SpeciesSource lattice_species(const io::Config& system) {
  return {{system["lattice"]["species"].text()}, {}, SpeciesSource::Masses::known};
}

/// A cell that is none (flat, or not finite) is a fault at `place`.
template <class Make>
std::optional<Box> checked_box(const io::Config& place, const Make& make) {
  try {
    return make();
  } catch (const Error& error) {
    place.fault(error.what());
    return std::nullopt;
  }
}

std::optional<Box> box_of(const io::Config& system, const Lattice& lattice) {
  return checked_box(system["lattice"], [&] { return lattice_box(lattice, periodic_of(system)); });
}

std::optional<Box> box_of(const io::Config& system, const io::Cell& cell) {
  Kokkos::Array<Vec3, 3> vectors{};
  Vec3 origin{};
  Kokkos::Array<bool, 3> periodic{};
  for (std::size_t a = 0; a < 3; ++a) {
    origin[a] = cell.origin[a];
    periodic[a] = cell.periodic[a];
    for (std::size_t d = 0; d < 3; ++d) vectors[a][d] = cell.vectors[a][d];
  }
  return checked_box(system["structure"], [&] { return Box::make(vectors, origin, periodic); });
}

void create_on_lattice(const Exec& exec, const Communicator& comm, const io::Config& root,
                       const RunSettings& settings, System& system) {
  const auto lattice = lattice_of(root["system"]);
  auto species = resolve_species(root["system"], lattice_species(root["system"]));
  const auto grid = brick_grid(root, settings, comm.size());
  const auto box = box_of(root["system"], lattice);
  root.document()->check();
  system.box = *box;
  system.set_species(std::move(species));
  const Decomposition decomposition(system.box, comm.size(), comm.rank(), grid);
  create_lattice(exec, lattice, decomposition, system);
}

/// Species of rank 0 on all ranks.
std::vector<Species> shared_species(const Communicator& comm, std::vector<Species> species) {
  int types = static_cast<int>(species.size());
  comm.broadcast(std::span<int>(&types, 1));
  species.resize(static_cast<std::size_t>(types));
  for (auto& s : species) {
    comm.broadcast(s.name);
    comm.broadcast(std::span<double>(&s.mass, 1));
  }
  return species;
}

void read_from_file(const Exec& exec, const Communicator& comm, const io::Config& root,
                    const RunSettings& settings, System& system) {
  const auto place = root["system"];
  io::Structure structure;
  std::vector<Species> species;
  std::optional<Box> box;
  agree_on_root(comm, [&] {
    structure = read_structure_file(place, settings.units);
    species =
        resolve_species(place, {structure.species, structure.mass, SpeciesSource::Masses::known});
    if (structure.cell) box = box_of(place, *structure.cell);
    brick_grid(root, settings, comm.size());
    root.document()->check();
  });
  system.box = box.value_or(Box{});
  comm.broadcast(std::span<Box>(&system.box, 1));
  system.set_species(shared_species(comm, std::move(species)));
  distribute_atoms(exec, comm, structure, system);
}

}  // namespace

std::optional<Int3> brick_grid(const io::Config& root, const RunSettings& settings, int ranks) {
  if (!settings.grid) return std::nullopt;
  const auto& g = *settings.grid;
  const std::int64_t bricks = std::int64_t{g[0]} * g[1] * g[2];
  if (bricks != ranks)
    root["parallel"]["grid"].fault("the grid has " + std::to_string(bricks) +
                                   " bricks, this run has " + std::to_string(ranks) +
                                   " ranks; make them equal, or use 'auto'");
  return Int3{g[0], g[1], g[2]};
}

System load_system(const Exec& exec, const Communicator& comm, const io::Config& root,
                   const RunSettings& settings) {
  System system(settings.units);
  const auto options = root["system"];
  if (options.has("lattice"))
    create_on_lattice(exec, comm, root, settings, system);
  else
    read_from_file(exec, comm, root, settings, system);
  if (settings.arithmetic == RunSettings::Arithmetic::reproducible) system.to_fixed_point(exec);
  system.degrees_of_freedom = std::max(0.0, 3.0 * static_cast<double>(system.n_global) - 3);
  if (options.has("velocities")) {
    const auto velocities = options["velocities"];
    const auto seed = velocities.has("seed")
                          ? static_cast<std::uint64_t>(velocities["seed"].integer())
                          : settings.seed;
    set_maxwell_velocities(exec, comm, system, velocities["temperature"].real(), seed);
  }
  return system;
}

SystemHead head_of(const System& system) {
  return {system.box, system.species, system.n_global, SystemHead::Types::all};
}

SystemHead read_system_head(const io::Config& root, const RunSettings& settings) {
  const auto system = root["system"];
  SystemHead head;
  if (system.has("lattice")) {
    const auto lattice = lattice_of(system);
    head.atoms = lattice.sites();
    head.box = box_of(system, lattice);
    head.species = resolve_species(system, lattice_species(system));
    return head;
  }
  const auto file = read_structure_file_header(system, settings.units);
  if (!file) return head;
  head.atoms = file->atoms;
  if (file->cell) head.box = box_of(system, *file->cell);
  if (file->species.empty()) {
    head.types = SystemHead::Types::unsure;
    return head;
  }
  head.species = resolve_species(system, {file->species, {}, SpeciesSource::Masses::unread});
  return head;
}

}  // namespace r1::md
