// SPDX-License-Identifier: Apache-2.0
#include "md/setup/distribute.hpp"

#include "core/error.hpp"

#include <algorithm>
#include <array>

namespace r1::md {
namespace {

constexpr std::int64_t kRowsOfARound = 1 << 17;  // of all ranks together: 14 MB
constexpr std::int64_t kMostAtomsOfARank = std::int64_t{1} << 30;

/// What all ranks must know of the structure.
struct Outline {
  std::int64_t atoms;
  std::int32_t charges, molecules;  // 1: it has them
};

/// An atom on its way. Plain data.
struct Row {
  double position[3], velocity[3], charge;
  std::int64_t id, molecule;
  std::int32_t type, image[3];
};

Row row_of(const io::Structure& s, std::size_t i) {
  Row row{};
  for (std::size_t d = 0; d < 3; ++d) {
    row.position[d] = s.position[i][d];
    if (!s.velocity.empty()) row.velocity[d] = s.velocity[i][d];
    if (!s.image.empty()) row.image[d] = s.image[i][d];
  }
  row.id = s.id[i];
  row.type = s.type[i];
  if (!s.charge.empty()) row.charge = s.charge[i];
  if (!s.molecule.empty()) row.molecule = s.molecule[i];
  return row;
}

/// First row of a rank's share; first_row(P) is N.
std::int64_t first_row(std::int64_t atoms, int rank, int ranks) {
  const std::int64_t whole = atoms / ranks, rest = atoms % ranks;
  return whole * rank + rest * rank / ranks;
}

/// Writes rows first, first + 1, ... of a field: value(row, component).
template <class T, int C, class Value>
void upload(const Exec& exec, const Fields& fields, FieldHandle<T, C> field, int first,
            const std::vector<Row>& rows, const Value& value) {
  const int n = static_cast<int>(rows.size());
  const HostView<T* [C]> host("distribute::upload", n);
  for (int i = 0; i < n; ++i)
    for (int c = 0; c < C; ++c) host(i, c) = value(rows[static_cast<std::size_t>(i)], c);
  Kokkos::deep_copy(
      exec, Kokkos::subview(fields.view(field), std::pair(first, first + n), Kokkos::ALL), host);
  exec.fence("distribute::upload: the host copy ends here");
}

void upload_all(const Exec& exec, const System& system, const StructureFields& handles, int first,
                const std::vector<Row>& rows) {
  const auto& fields = system.fields;
  upload(exec, fields, system.position, first, rows,
         [](const Row& r, int c) { return c < 3 ? r.position[c] : 0.0; });
  upload(exec, fields, system.velocity, first, rows,
         [](const Row& r, int c) { return c < 3 ? r.velocity[c] : 0.0; });
  upload(exec, fields, system.id_, first, rows, [](const Row& r, int) { return r.id; });
  upload(exec, fields, system.type_, first, rows, [](const Row& r, int) { return r.type; });
  upload(exec, fields, system.image_, first, rows, [](const Row& r, int c) { return r.image[c]; });
  if (handles.charge)
    upload(exec, fields, *handles.charge, first, rows, [](const Row& r, int) { return r.charge; });
  if (handles.molecule)
    upload(exec, fields, *handles.molecule, first, rows,
           [](const Row& r, int) { return r.molecule; });
}

/// Rank 0's messages of one round; empty on others.
std::vector<std::vector<Row>> parts_of_round(const io::Structure& structure, std::int64_t atoms,
                                             int ranks, std::int64_t round, std::int64_t per_rank) {
  std::vector<std::vector<Row>> parts(static_cast<std::size_t>(ranks));
  for (int r = 0; r < ranks; ++r) {
    const std::int64_t end = first_row(atoms, r + 1, ranks);
    const std::int64_t from = std::min(end, first_row(atoms, r, ranks) + round * per_rank);
    auto& part = parts[static_cast<std::size_t>(r)];
    for (std::int64_t i = from; i < std::min(end, from + per_rank); ++i)
      part.push_back(row_of(structure, static_cast<std::size_t>(i)));
  }
  return parts;
}

}  // namespace

StructureFields add_structure_fields(StructureHas has, Fields& fields) {
  FieldTraits traits;
  traits.ghosts = FieldTraits::Ghosts::at_rebuild;
  StructureFields handles;
  if (has.charge) handles.charge = fields.add<double, 1>({kChargeField, 1, "charge", traits});
  if (has.molecule) handles.molecule = fields.add<std::int64_t, 1>({kMoleculeField, 1, "", traits});
  return handles;
}

void distribute_atoms(const Exec& exec, const Communicator& comm, const io::Structure& structure,
                      System& system) {
  R1_ASSERT(system.n_local == 0);
  const int ranks = comm.size();
  const bool root = comm.rank() == 0;
  Outline outline{static_cast<std::int64_t>(structure.size()), !structure.charge.empty(),
                  !structure.molecule.empty()};
  comm.broadcast(std::span<Outline>(&outline, 1));
  const std::int64_t largest = (outline.atoms + ranks - 1) / ranks;
  if (largest > kMostAtomsOfARank)
    throw Error(std::to_string(largest) + " atoms for each rank, at most " +
                std::to_string(kMostAtomsOfARank) + " fit; use more ranks");
  const auto handles =
      add_structure_fields({outline.charges != 0, outline.molecules != 0}, system.fields);
  const std::int64_t share = first_row(outline.atoms, comm.rank() + 1, ranks) -
                             first_row(outline.atoms, comm.rank(), ranks);
  system.fields.reserve(exec, static_cast<int>(share) + 1, 0);
  const std::int64_t per_rank = std::max<std::int64_t>(1, kRowsOfARound / ranks);
  for (std::int64_t round = 0; round * per_rank < largest; ++round) {
    std::vector<std::vector<Row>> parts(static_cast<std::size_t>(ranks));
    if (root) parts = parts_of_round(structure, outline.atoms, ranks, round, per_rank);
    const auto arrived = comm.all_to_all(parts).front();
    upload_all(exec, system, handles, system.n_local, arrived);
    system.n_local += static_cast<int>(arrived.size());
  }
  system.n_global = outline.atoms;
}

}  // namespace r1::md
