// Atoms go to the rank that writes their block of ids, blocks being equal parts of 1..max(id); there they are sorted.
// SPDX-License-Identifier: Apache-2.0
#include "md/checkpoint/system_state.hpp"

#include "comm/agree.hpp"
#include "core/error.hpp"
#include "md/checkpoint/saved_values.hpp"
#include "md/setup/distribute.hpp"

#include <algorithm>
#include <numeric>

namespace r1::md {
namespace {

std::string array_of(const Field& field) { return "atoms/" + field.info.name; }
std::size_t columns_of(const Field& field) {
  return static_cast<std::size_t>(field.info.components - field.info.padding);
}

/// Calls work(field, rows of it, columns without padding) for every field that is checkpointed.
template <class Work>
void for_each_saved(const Fields& fields, const Work& work) {
  for (const auto& field : fields.all())
    if (field.info.traits.checkpointed == FieldTraits::Checkpointed::yes)
      std::visit([&](const auto& data) { work(field, data, columns_of(field)); }, field.data);
}

/// The local rows without padding, (n_local, columns).
template <class T>
std::vector<T> host_rows(const Exec& exec, const View<T**>& data, int rows, std::size_t columns) {
  exec.fence("save_system: the host reads what kernels wrote");
  const auto host = Kokkos::create_mirror_view_and_copy(
      Kokkos::HostSpace(), Kokkos::subview(data, std::pair<int, int>(0, rows), Kokkos::ALL));
  std::vector<T> out;
  out.reserve(static_cast<std::size_t>(rows) * columns);
  for (int i = 0; i < rows; ++i)
    for (std::size_t c = 0; c < columns; ++c) out.push_back(host(i, c));
  return out;
}

/// Brings rows of local atoms to the ranks of their blocks, in the order of ids.
class ById {
 public:
  ById(const Exec& exec, const System& system, const Communicator& comm) : comm_(comm) {
    const auto ids =
        host_rows<std::int64_t>(exec, system.fields.view(system.id_), system.n_local, 1);
    std::int64_t most = 1;
    for (const auto id : ids) most = std::max(most, id);
    most = static_cast<std::int64_t>(comm.max(static_cast<double>(most)));  // ids are below 2^53
    const std::int64_t block = (most + comm.size() - 1) / comm.size();
    for (const auto id : ids) rank_.push_back(static_cast<std::size_t>((id - 1) / block));
    const auto arrived = exchanged(ids, 1);
    order_.resize(arrived.size());
    std::iota(order_.begin(), order_.end(), std::size_t{0});
    std::sort(order_.begin(), order_.end(),
              [&](std::size_t a, std::size_t b) { return arrived[a] < arrived[b]; });
  }

  /// rows: (n_local, columns). Collective.
  template <class T>
  std::vector<T> operator()(const std::vector<T>& rows, std::size_t columns) const {
    const auto arrived = exchanged(rows, columns);
    std::vector<T> sorted;
    sorted.reserve(arrived.size());
    for (const std::size_t from : order_)
      for (std::size_t c = 0; c < columns; ++c) sorted.push_back(arrived[from * columns + c]);
    return sorted;
  }

 private:
  template <class T>
  std::vector<T> exchanged(const std::vector<T>& rows, std::size_t columns) const {
    if (comm_.size() == 1) return rows;
    std::vector<std::vector<T>> parts(static_cast<std::size_t>(comm_.size()));
    for (std::size_t i = 0; i < rank_.size(); ++i) {
      const auto row = rows.begin() + static_cast<std::ptrdiff_t>(i * columns);
      parts[rank_[i]].insert(parts[rank_[i]].end(), row,
                             row + static_cast<std::ptrdiff_t>(columns));
    }
    std::vector<T> all;
    for (const auto& part : comm_.all_to_all(parts))
      all.insert(all.end(), part.begin(), part.end());
    return all;
  }

  const Communicator& comm_;
  std::vector<std::size_t> rank_;   // (n_local) where the atom's row is written
  std::vector<std::size_t> order_;  // (arrived) by id
};

/// Rows into the beginning of a field; padding becomes 0.
template <class T>
void upload(const Exec& exec, const View<T**>& data, const std::vector<T>& rows,
            std::size_t columns) {
  const std::size_t n = rows.size() / columns;
  const HostView<T**> host("restore_atoms::upload", n, data.extent(1));
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t c = 0; c < columns; ++c) host(i, c) = rows[i * columns + c];
  Kokkos::deep_copy(
      exec, Kokkos::subview(data, std::pair<std::size_t, std::size_t>(0, n), Kokkos::ALL), host);
  exec.fence("restore_atoms: the host copy ends here");
}

std::string joined_names(const std::vector<Species>& species) {
  std::string text;
  for (const auto& s : species) text += s.name + '\n';
  return text;
}

}  // namespace

void save_system(const Exec& exec, const System& system, io::CheckpointWriter& writer) {
  std::vector<double> vectors, origin, masses;
  std::vector<std::int32_t> periodic;
  for (int d = 0; d < 3; ++d) {
    for (int k = 0; k < 3; ++k) vectors.push_back(system.box.vectors[d][k]);
    origin.push_back(system.box.origin[d]);
    periodic.push_back(system.box.periodic[d] ? 1 : 0);
  }
  for (const auto& s : system.species) masses.push_back(s.mass);
  writer.add("box/vectors", std::move(vectors));
  writer.add("box/origin", std::move(origin));
  writer.add("box/periodic", std::move(periodic));
  writer.add_text("species/names", joined_names(system.species));
  writer.add("species/mass", std::move(masses));
  const ById by_id(exec, system, writer.comm());
  for_each_saved(system.fields, [&](const Field& field, const auto& data, std::size_t columns) {
    using T = typename std::decay_t<decltype(data)>::value_type;
    writer.add_rows(array_of(field),
                    by_id(host_rows<T>(exec, data, system.n_local, columns), columns),
                    static_cast<int>(columns), field.info.unit);
  });
}

namespace {

constexpr std::size_t kMostSpecies = 1000;
constexpr std::uint64_t kMostAtomsOfARank = std::uint64_t{1} << 30;
constexpr double kMostCells = 1 << 20;  // that an atom may be away from the cell
constexpr double kRounding = 1e-6;      // of a fractional coordinate
constexpr std::int32_t kMostImage = 1 << 30;

Box restored_box(const io::CheckpointReader& reader) {
  const auto vectors = reader.read<double>("box/vectors"),
             origin = reader.read<double>("box/origin");
  const auto periodic = reader.read<std::int32_t>("box/periodic");
  if (vectors.size() != 9 || origin.size() != 3 || periodic.size() != 3)
    throw CheckpointError('\'' + reader.path().string() + "' holds no box of three dimensions");
  require_finite(vectors, "a cell vector");
  require_finite(origin, "the origin of the cell");
  Kokkos::Array<Vec3, 3> rows{};
  for (std::size_t d = 0; d < 3; ++d)
    for (std::size_t k = 0; k < 3; ++k) rows[d][k] = vectors[3 * d + k];
  try {
    return Box::make(rows, {origin[0], origin[1], origin[2]},
                     {periodic[0] != 0, periodic[1] != 0, periodic[2] != 0});
  } catch (const Error& error) {
    throw CheckpointError('\'' + reader.path().string() + "' cannot be used: " + error.what());
  }
}

std::vector<Species> restored_species(const io::CheckpointReader& reader) {
  const auto masses = reader.read<double>("species/mass");
  const auto names = reader.read_text("species/names");
  const auto count = static_cast<std::size_t>(std::count(names.begin(), names.end(), '\n'));
  if (count != masses.size() || count == 0 || count > kMostSpecies)
    refuse_saved("the list of species",
                 std::to_string(count) + " names and " + std::to_string(masses.size()) + " masses",
                 "as many of each, 1 to " + std::to_string(kMostSpecies));
  require_finite(masses, "a mass");
  std::vector<Species> species;
  for (std::size_t begin = 0, k = 0, end; k < count; begin = end + 1, ++k) {
    end = names.find('\n', begin);
    if (!(masses[k] > 0)) refuse_saved("a mass", std::to_string(masses[k]), "one above 0");
    species.push_back({names.substr(begin, end - begin), masses[k]});
  }
  return species;
}

/// Ids ascend, from one rank's share to the next, too.
void check_ids(const io::CheckpointReader& reader, std::uint64_t first, std::uint64_t end) {
  const std::uint64_t from = first > 0 ? first - 1 : 0;
  std::int64_t before = 0;
  for (const auto id : reader.read_rows<std::int64_t>("atoms/id", from, end - from, 1)) {
    if (id <= before || id >= kMostSaved)
      refuse_saved("an atom's id", std::to_string(id) + " behind " + std::to_string(before),
                   "ascending ones below 2^53");
    before = id;
  }
}

void check_types(const io::CheckpointReader& reader, std::uint64_t first, std::uint64_t count,
                 std::size_t species) {
  for (const auto type : reader.read_rows<std::int32_t>("atoms/type", first, count, 1))
    if (type < 0 || static_cast<std::size_t>(type) >= species)
      refuse_saved("an atom's type", std::to_string(type),
                   "a number below " + std::to_string(species));
  for (const auto image : reader.read_rows<std::int32_t>("atoms/image", first, count, 3))
    if (std::abs(std::int64_t{image}) > kMostImage)
      refuse_saved("an atom's image", std::to_string(image), "at most 2^30 cells");
}

/// Cells away from the cell that an atom may be along d: where the list was built, atoms are wrapped.
enum class Wrapped { no, yes };
void check_places(const io::CheckpointReader& reader, const std::string& name, std::uint64_t first,
                  std::uint64_t count, const Box& box, Wrapped wrapped) {
  const auto x = reader.read_rows<double>(name, first, count, 3);
  for (std::size_t i = 0; i < x.size(); i += 3) {
    const Vec3 s = box.fractional(x[i], x[i + 1], x[i + 2]);
    for (int d = 0; d < 3; ++d) {
      const double margin = wrapped == Wrapped::yes && box.periodic[d] ? kRounding : kMostCells;
      if (!(s[d] >= -margin && s[d] <= 1 + margin))
        refuse_saved("a place in '" + name + "'", std::to_string(s[d]) + " cells along " + "abc"[d],
                     "one in the cell");
    }
  }
}

}  // namespace

void check_atoms(const io::CheckpointReader& reader, const System& system, std::uint64_t first,
                 std::uint64_t end) {
  const std::uint64_t count = end - first;
  check_ids(reader, first, end);
  check_types(reader, first, count, system.species.size());
  check_places(reader, "atoms/position", first, count, system.box, Wrapped::no);
  require_finite(reader.read_rows<double>("atoms/velocity", first, count, 3), "a velocity");
}

System restore_system(const io::CheckpointReader& reader, const Units& units) {
  System system(units);
  system.box = restored_box(reader);
  system.set_species(restored_species(reader));
  add_structure_fields({reader.has(std::string("atoms/") + kChargeField),
                        reader.has(std::string("atoms/") + kMoleculeField)},
                       system.fields);
  return system;
}

void restore_atoms(const Exec& exec, const Communicator& comm, const io::CheckpointReader& reader,
                   System& system) {
  const auto atoms = reader.rows("atoms/id");
  const auto ranks = static_cast<std::uint64_t>(comm.size());
  const auto here = static_cast<std::uint64_t>(comm.rank());
  if (atoms / ranks >= kMostAtomsOfARank)
    throw CheckpointError('\'' + reader.path().string() + "' holds " + std::to_string(atoms) +
                          " atoms: too many for " + std::to_string(ranks) + " ranks");
  const std::uint64_t first = atoms * here / ranks, end = atoms * (here + 1) / ranks;
  agree(comm, [&] {
    check_atoms(reader, system, first, end);
    check_places(reader, "atoms/list_reference_position", first, end - first, system.box,
                 Wrapped::yes);
  });
  system.n_global = static_cast<std::int64_t>(atoms);
  system.n_local = static_cast<int>(end - first);
  system.n_ghost = 0;
  system.fields.reserve(exec, system.n_local + 1, 0);
  const auto restore = [&](const Field& field, const auto& data, std::size_t columns) {
    using T = typename std::decay_t<decltype(data)>::value_type;
    const auto rows =
        reader.read_rows<T>(array_of(field), first, end - first, static_cast<int>(columns));
    if constexpr (std::is_same_v<T, double>)
      require_finite(rows, "a number in '" + array_of(field) + "'");
    upload<T>(exec, data, rows, columns);
  };
  agree(comm, [&] { for_each_saved(system.fields, restore); });
}

}  // namespace r1::md
