// SPDX-License-Identifier: Apache-2.0
#include "test_system.hpp"

#include "core/neighbor_list.hpp"
#include "io/config.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace r1::test {
namespace {

Box box_of(const io::Structure& structure) {
  Kokkos::Array<Vec3, 3> vectors{};
  Vec3 origin{};
  Kokkos::Array<bool, 3> periodic{};
  for (std::size_t d = 0; d < 3; ++d) {
    for (std::size_t k = 0; k < 3; ++k) vectors[d][k] = structure.cell->vectors[d][k];
    origin[d] = structure.cell->origin[d];
    periodic[d] = structure.cell->periodic[d];
  }
  return Box::make(vectors, origin, periodic);
}

/// Concatenates every rank's rows of `values`, `width` numbers a row, in the order that sorts ids.
template <class T>
std::vector<T> gathered(const Communicator& comm, const std::vector<T>& values) {
  std::vector<T> all;
  for (const auto& part : comm.all_gather(std::span<const T>(values)))
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

template <class T>
std::vector<T> permuted(const std::vector<T>& values, const std::vector<std::size_t>& order) {
  std::vector<T> sorted;
  for (const std::size_t k : order) sorted.push_back(values[k]);
  return sorted;
}

}  // namespace

Units lammps_units(UnitStyle style) { return Units::make(style, ConstantSet::lammps); }

md::System make_system(const io::Structure& structure, const Units& units, const Communicator& comm,
                       const std::vector<std::string>& names) {
  md::System system(units);
  system.box = box_of(structure);
  std::vector<md::Species> species;
  for (std::size_t t = 0; t < structure.species.size(); ++t)
    species.push_back({names.empty() ? structure.species[t] : names[t],
                       structure.mass.empty() ? 1.0 : structure.mass[t]});
  system.set_species(std::move(species));
  const Exec exec;
  const auto ranks = static_cast<std::size_t>(comm.size());
  std::vector<std::size_t> mine;
  for (auto k = static_cast<std::size_t>(comm.rank()); k < structure.size(); k += ranks)
    mine.push_back(k);
  system.n_local = static_cast<int>(mine.size());
  system.n_global = static_cast<std::int64_t>(structure.size());
  system.degrees_of_freedom = 3.0 * static_cast<double>(system.n_global) - 3;
  system.fields.reserve(exec, system.n_local + 1, 0);
  const auto x = Kokkos::create_mirror_view(system.x());
  const auto v = Kokkos::create_mirror_view(system.v());
  const auto id = Kokkos::create_mirror_view(system.id());
  const auto type = Kokkos::create_mirror_view(system.type());
  for (std::size_t row = 0; row < mine.size(); ++row) {
    const std::size_t k = mine[row];
    id(row) = structure.id[k];
    type(row) = structure.type[k];
    for (std::size_t d = 0; d < 3; ++d) {
      x(row, d) = structure.position[k][d];
      v(row, d) = structure.velocity.empty() ? 0 : structure.velocity[k][d];
    }
  }
  Kokkos::deep_copy(system.x(), x);
  Kokkos::deep_copy(system.v(), v);
  Kokkos::deep_copy(system.id(), id);
  Kokkos::deep_copy(system.type(), type);
  return system;
}

std::unique_ptr<md::Potential> make_potential(const std::string& yaml, const Units& units,
                                              const std::vector<md::Species>& species,
                                              const std::string& folder) {
  const auto registry = md::builtin_potentials();
  const auto schema =
      io::mapping({io::Key("units", io::word({"lj", "metal", "real"}), "Units.").required_(),
                   io::Key("potential", registry.schema(), "The potential.").required_()});
  const auto document =
      io::parse_config("units: " + std::string(name(units.style)) + "\npotential: {" + yaml + "}\n",
                       folder + "/input.yaml", schema);
  document->check();
  auto potential = registry.make(document->root()["potential"], {units, species});
  document->check();
  return potential;
}

Workbench::Workbench(md::System system, const Communicator& comm, double cutoff, double skin,
                     ListShape shape, std::optional<Int3> grid)
    : comm_(comm), system_(std::move(system)), domain_(comm, system_.box, grid) {
  domain_.rebuild(exec_, system_, cutoff + skin, md::Domain::Moved::anywhere);
  NeighborListBuilder builder({cutoff, shape});
  builder.build(exec_,
                {system_.box, domain_.grid(), system_.x(), system_.id(),
                 domain_.halo().ghost_image(), system_.n_local, system_.n_ghost},
                skin, list_);
}

Computed Workbench::compute(md::Potential& potential, md::Tally::Level level) {
  md::Tally tally;
  tally.level = level;
  const int rows = system_.n_all() + 1;
  Kokkos::deep_copy(system_.f(), 0.0);
  if (level == md::Tally::Level::per_atom) {
    tally.atom_energy = View<double*>("Tally::atom_energy", rows);
    tally.atom_virial = View<double* [9]>("Tally::atom_virial", rows);
  }
  potential.compute(exec_, system_, list_, domain_.halo(), tally);
  if (list_.shape == ListShape::half) return_ghosts(tally);
  return gather(tally);
}

void Workbench::return_ghosts(md::Tally& tally) const {
  domain_.halo().reverse_add(exec_, system_.f());
  if (tally.level != md::Tally::Level::per_atom) return;
  domain_.halo().reverse_add(
      exec_, View<double**>(tally.atom_energy.data(), tally.atom_energy.extent(0), 1));
  domain_.halo().reverse_add(exec_, tally.atom_virial);
}

// Long: one list after another.
Computed Workbench::gather(const md::Tally& tally) const {
  using Row9 = Kokkos::Array<double, 9>;
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system_.x());
  const auto f = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system_.f());
  const auto id = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system_.id());
  const auto energy = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), tally.atom_energy);
  const auto virial = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), tally.atom_virial);
  const bool per_atom = tally.level == md::Tally::Level::per_atom;
  std::vector<std::int64_t> ids;
  std::vector<Vec3> positions, forces;
  std::vector<double> energies;
  std::vector<Row9> virials;
  for (int i = 0; i < system_.n_local; ++i) {
    ids.push_back(id(i));
    positions.push_back({x(i, 0), x(i, 1), x(i, 2)});
    forces.push_back({f(i, 0), f(i, 1), f(i, 2)});
    if (!per_atom) continue;
    energies.push_back(energy(i));
    Row9 row;
    for (std::size_t c = 0; c < 9; ++c) row[c] = virial(i, c);
    virials.push_back(row);
  }
  Computed all;
  all.id = gathered(comm_, ids);
  std::vector<std::size_t> order(all.id.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return all.id[a] < all.id[b]; });
  all.id = permuted(all.id, order);
  all.position = permuted(gathered(comm_, positions), order);
  all.force = permuted(gathered(comm_, forces), order);
  if (per_atom) {
    all.atom_energy = permuted(gathered(comm_, energies), order);
    all.atom_virial = permuted(gathered(comm_, virials), order);
  }
  if (tally.level != md::Tally::Level::forces)
    all.thermo = md::measure(exec_, system_, tally, {}, comm_);
  all.tally = tally;
  all.tally.energy = comm_.sum(tally.energy);
  for (std::size_t c = 0; c < 9; ++c) all.tally.virial[c] = comm_.sum(tally.virial[c]);
  return all;
}

void Workbench::move(std::int64_t id, const Vec3& by) {
  const auto ids = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system_.id());
  const auto x = Kokkos::create_mirror_view_and_copy(Kokkos::HostSpace(), system_.x());
  for (int i = 0; i < system_.n_local; ++i)
    if (ids(i) == id)
      for (std::size_t d = 0; d < 3; ++d) x(i, d) += by[d];
  Kokkos::deep_copy(system_.x(), x);
  domain_.refresh_ghosts(exec_, system_);
}

Computed compute_once(const io::Structure& structure, const Units& units, const Communicator& comm,
                      md::Potential& potential, md::Tally::Level level, double skin,
                      ListShape shape) {
  Workbench bench(make_system(structure, units, comm), comm, potential.cutoff(), skin, shape);
  return bench.compute(potential, level);
}

double largest_difference(const std::vector<Vec3>& a, const std::vector<Vec3>& b) {
  if (a.size() != b.size()) throw std::runtime_error("lists of different lengths are compared");
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    for (std::size_t d = 0; d < 3; ++d) {
      const double difference = std::abs(a[i][d] - b[i][d]);
      if (!(difference <= largest)) largest = difference;  // also NaN
    }
  return largest;
}

double root_mean_square(const std::vector<Vec3>& a) {
  double sum = 0;
  for (const Vec3& v : a) sum += dot(v, v);
  return std::sqrt(sum / static_cast<double>(a.size()));
}

}  // namespace r1::test
