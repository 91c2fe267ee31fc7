// SPDX-License-Identifier: Apache-2.0
#include "md/setup/checkpoint_structure.hpp"

#include "core/error.hpp"
#include "io/checkpoint.hpp"
#include "md/checkpoint/system_state.hpp"
#include "md/setup/distribute.hpp"

namespace r1::md {
namespace {

std::string atoms(const char* field) { return std::string("atoms/") + field; }

template <class Row, class T>
std::vector<Row> rows_of(const io::CheckpointReader& reader, const char* field) {
  constexpr int kColumns = std::tuple_size_v<Row>;
  const auto flat = reader.read_rows<T>(atoms(field), 0, reader.rows(atoms("id")), kColumns);
  std::vector<Row> rows(flat.size() / kColumns);
  for (std::size_t k = 0; k < flat.size(); ++k) rows[k / kColumns][k % kColumns] = flat[k];
  return rows;
}

io::Cell cell_of(const Box& box) {
  io::Cell cell;
  for (std::size_t a = 0; a < 3; ++a) {
    cell.origin[a] = box.origin[a];
    cell.periodic[a] = box.periodic[a];
    for (std::size_t d = 0; d < 3; ++d) cell.vectors[a][d] = box.vectors[a][d];
  }
  return cell;
}

/// Calls work(reader, system without atoms); what a checkpoint throws becomes a fault of the file.
template <class Work>
auto with_checkpoint(const std::filesystem::path& file, UnitStyle style, const Work& work) {
  try {
    const io::CheckpointReader reader(Communicator::self(), file);
    const auto written = reader.read_text("simulation/units");
    if (written != name(style))
      throw CheckpointError("its units are " + written + ", those of this run " +
                            std::string(name(style)) + "; use the same");
    return work(reader, restore_system(reader, Units::make(style, ConstantSet::codata)));
  } catch (const Error& error) {
    throw ConfigError({Diagnostic{file.string(), 0, 0, error.what(), ""}});
  }
}

}  // namespace

io::Structure read_checkpoint_structure(const std::filesystem::path& file, UnitStyle style) {
  return with_checkpoint(file, style,
                         [&](const io::CheckpointReader& reader, const System& system) {
                           io::Structure structure;
                           structure.source = file.string();
                           structure.cell = cell_of(system.box);
                           for (const auto& species : system.species) {
                             structure.species.push_back(species.name);
                             structure.mass.push_back(species.mass);
                           }
                           check_atoms(reader, system, 0, reader.rows(atoms("id")));
                           structure.id = reader.read<std::int64_t>(atoms("id"));
                           structure.type = reader.read<std::int32_t>(atoms("type"));
                           structure.position = rows_of<io::Vec3, double>(reader, "position");
                           structure.image = rows_of<io::Int3, std::int32_t>(reader, "image");
                           structure.velocity = rows_of<io::Vec3, double>(reader, "velocity");
                           if (reader.has(atoms(kChargeField)))
                             structure.charge = reader.read<double>(atoms(kChargeField));
                           if (reader.has(atoms(kMoleculeField)))
                             structure.molecule = reader.read<std::int64_t>(atoms(kMoleculeField));
                           return structure;
                         });
}

io::StructureHeader read_checkpoint_structure_header(const std::filesystem::path& file,
                                                     UnitStyle style) {
  return with_checkpoint(file, style,
                         [&](const io::CheckpointReader& reader, const System& system) {
                           io::StructureHeader header;
                           header.atoms = static_cast<std::int64_t>(reader.rows(atoms("id")));
                           for (const auto& species : system.species)
                             header.species.push_back(species.name);
                           header.cell = cell_of(system.box);
                           return header;
                         });
}

}  // namespace r1::md
