// Wrapping, sorting, ghosts. Migration stands in migrate.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "md/domain.hpp"

#include "core/error.hpp"
#include "md/migrate.hpp"

#include <string>

namespace r1::md {
namespace {

/// Wraps local atoms by the floor of their fractional coordinates; returns how many have no finite position.
int wrap_atoms(const Exec& exec, const Box& box, int n, Quads x, View<std::int32_t* [3]> image) {
  int lost = 0;
  Kokkos::parallel_reduce(
      "Domain::wrap", Range(exec, 0, n),
      KOKKOS_LAMBDA(int i, int& bad)->void {
        const Vec3 s = box.fractional(x(i, 0), x(i, 1), x(i, 2));
        double cells[3];
        bool inside = true, fits = true;
        for (int d = 0; d < 3; ++d) {
          cells[d] = box.periodic[d] ? Kokkos::floor(s[d]) : 0.0;
          // Beyond 2^30 cells the image does not fit; NaN fails the comparison too.
          fits = fits && Kokkos::fabs(s[d]) < 1073741824.0;
          inside = inside && cells[d] == 0;
        }
        if (!fits) ++bad;
        if (inside || !fits) return;
        const Vec3 shift = box.displacement(cells[0], cells[1], cells[2]);
        for (int d = 0; d < 3; ++d) {
          x(i, d) -= shift[d];
          image(i, d) += static_cast<std::int32_t>(cells[d]);
        }
      },
      lost);
  return lost;
}

void place_filler(const Exec& exec, const System& system) {
  const int row = system.n_all();
  const auto x = system.x();
  const auto f = system.f();
  const auto type = system.type();
  Kokkos::parallel_for(
      "Domain::place_filler", Range(exec, 0, 1), KOKKOS_LAMBDA(int)->void {
        for (int d = 0; d < 4; ++d) {
          x(row, d) = kFillerPosition;
          f(row, d) = 0;
        }
        type(row) = 0;
      });
}

/// Sum over local atoms of 20 bits that each id is mixed into (finalizer of splitmix64: Steele, Lea, Flood, OOPSLA 2014, fig. 16):
/// exact in a double, so that it tells which atoms there are, whatever their order and ranks.
double checksum(const Exec& exec, int n, View<const std::int64_t*> id) {
  double sum = 0;
  Kokkos::parallel_reduce(
      "Domain::checksum", Range(exec, 0, n),
      KOKKOS_LAMBDA(int i, double& all)->void {
        auto z = static_cast<std::uint64_t>(id(i));
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
        all += static_cast<double>((z ^ (z >> 31)) >> 44);
      },
      sum);
  return sum;
}

}  // namespace

Domain::Domain(Communicator comm, const Box& box, std::optional<Int3> grid)
    : comm_(comm), decomposition_(box, comm.size(), comm.rank(), grid), halo_(comm) {}

void Domain::rebuild(const Exec& exec, System& system, double width, Moved moved) {
  if (moved != Moved::back) wrap(exec, system);
  migrate(exec, system, width, moved);
  sort(exec, system, width);
  copy_ghosts(exec, system, width);
}

void Domain::refresh_ghosts(const Exec& exec, System& system) const {
  halo_.forward_positions(exec, system.x());
}

void Domain::wrap(const Exec& exec, System& system) const {
  const int lost = wrap_atoms(exec, system.box, system.n_local, system.x(), system.image());
  const double all = comm_.sum(lost);
  if (all > 0)
    throw NumericError(std::to_string(static_cast<std::int64_t>(all)) +
                       " atoms have a position that is not finite: the dynamics has become "
                       "unstable; use a shorter "
                       "timestep, or minimize the start first");
}

void Domain::migrate(const Exec& exec, System& system, double width, Moved moved) {
  std::vector<int> peers;
  if (moved != Moved::nearby) {
    for (int r = 0; r < comm_.size(); ++r)
      if (r != comm_.rank()) peers.push_back(r);
  } else {
    for (const auto& n : decomposition_.neighbors(system.box, width))
      if (n.rank != comm_.rank() && (peers.empty() || peers.back() != n.rank))
        peers.push_back(n.rank);
  }
  if (!checksum_) checksum_ = comm_.sum(checksum(exec, system.n_local, system.id()));
  const auto migration = migrate_atoms(exec, system, comm_, decomposition_, peers);
  migrated_ += migration.left;
  double atoms = system.n_local, ids = checksum(exec, system.n_local, system.id());
  comm_.reduce_now(Reductions().sum(atoms).sum(ids));
  if (static_cast<std::int64_t>(atoms) != system.n_global)
    report_lost(atoms, system, migration.stray);
  if (ids != *checksum_)
    throw NumericError(
        "after migration the atoms are not those of before, though as many: memory or a message "
        "was damaged; start again from the last checkpoint");
}

void Domain::report_lost(double atoms, const System& system, const std::string& stray) const {
  std::string lost;
  const auto all = comm_.all_gather(std::span<const char>(stray.data(), stray.size()));
  for (std::size_t r = 0; r < all.size(); ++r)
    if (!all[r].empty())
      lost += "; rank " + std::to_string(r) + " had " + std::string(all[r].begin(), all[r].end());
  throw NumericError("after migration " + std::to_string(static_cast<std::int64_t>(atoms)) +
                     " atoms of " + std::to_string(system.n_global) + " are left" + lost +
                     ": an atom has moved further than the neighbouring bricks in one step; use a "
                     "shorter timestep");
}

void Domain::sort(const Exec& exec, System& system, double width) {
  grid_ = CellGrid::make(system.box, decomposition_.brick(), width, width, system.n_local);
  const auto order = cell_order(exec, grid_, system.box, system.x(), system.id(), system.n_local);
  system.fields.permute(exec, order, system.n_local);
}

void Domain::copy_ghosts(const Exec& exec, System& system, double width) {
  halo_.choose(exec, system.box, decomposition_, width, system.x(), system.n_local);
  system.n_ghost = halo_.ghosts();
  system.fields.reserve(exec, system.n_all() + 1, system.n_local);
  for (int k = 0; k < static_cast<int>(system.fields.all().size()); ++k) {
    const auto& field = system.fields.all()[static_cast<std::size_t>(k)];
    if (field.info.traits.ghosts == FieldTraits::Ghosts::none) continue;
    if (k == system.position.index)
      halo_.forward_positions(exec, system.x());
    else
      std::visit([&](const auto& data) { halo_.forward(exec, data); }, field.data);
  }
  place_filler(exec, system);
}

}  // namespace r1::md
