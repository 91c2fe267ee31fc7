// SPDX-License-Identifier: Apache-2.0
#include "io/extxyz.hpp"

#include "core/error.hpp"
#include "io/extxyz_comment.hpp"
#include "io/id_index.hpp"
#include "io/text_file.hpp"
#include "io/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <unordered_map>
#include <utility>

namespace r1::io {
namespace {

constexpr std::int64_t kMaxAtoms = std::int64_t{1} << 53;
constexpr std::int64_t kShortestLine = 8;  // "H 0 0 0\n"
constexpr std::size_t kMaxSpecies = 65535;
constexpr std::uint64_t kHeadBytes = std::uint64_t{1} << 22;

// sqrt(eV/u) in Å/ps: the unit of ASE's velocities. CODATA 2018: 1.602176634e-19 J, 1.66053906660e-27 kg.
constexpr double kAseVelocity = 98.22694750253231;

/// What an atom's line gives.
struct AtomLine {
  std::int32_t type = 0;
  Vec3 position{};
  Vec3 velocity{};
  Vec3 momentum{};
  Vec3 force{};
  double charge = 0.0;
  double mass = 0.0;
  std::int64_t id = 0;
};

/// Keys that have members of their own.
bool is_known_key(std::string_view key) {
  return std::find(kCommentKeys.begin(), kCommentKeys.end(), key) != kCommentKeys.end();
}

std::array<double, 9> as_matrix(const std::vector<double>& n) {
  if (n.size() == 6) return {n[0], n[5], n[4], n[5], n[1], n[3], n[4], n[3], n[2]};
  std::array<double, 9> matrix{};
  std::copy(n.begin(), n.end(), matrix.begin());
  return matrix;
}

/// Stress and energy; virial stands in for a stress that is absent.
void read_labels(const std::vector<KeyValue>& pairs, Structure& structure, Faults& faults) {
  for (const KeyValue& pair : pairs) {
    if (pair.key == "energy") {
      if (const auto numbers = numbers_of(pair, {1}, faults)) structure.energy = numbers->front();
    } else if (pair.key == "stress") {
      if (const auto numbers = numbers_of(pair, {9, 6}, faults))
        structure.stress = as_matrix(*numbers);
    }
  }
  for (const KeyValue& pair : pairs) {
    if (pair.key != "virial") continue;
    const auto numbers = numbers_of(pair, {9, 6}, faults);
    if (!numbers || structure.stress || !structure.cell) continue;
    structure.stress = as_matrix(*numbers);
    for (double& value : *structure.stress) value /= -std::abs(volume(*structure.cell));
  }
}

}  // namespace

/// The reader proper. It stays where it is: tokens view its text.
class ExtxyzReader::State {
 public:
  State(std::string source, std::string text, std::vector<std::string> species)
      : source_(std::move(source)),
        text_(std::move(text)),
        species_(std::move(species)),
        scanner_(text_),
        faults_(source_, text_) {}

  std::optional<Structure> next() {
    structure_ = Structure{};
    std::int64_t atoms = 0;
    if (!read_count(atoms)) return std::nullopt;
    read_comment();
    faults_.check();
    structure_.source = source_;
    structure_.units = StructureUnits::ase;
    start_atoms(std::min<std::int64_t>(
        atoms, static_cast<std::int64_t>(scanner_.remaining()) / kShortestLine + 1));
    for (std::int64_t i = 0; i < atoms; ++i) {
      if (!scanner_.next_line()) {
        fail_at_end(
            fmt::format("the file ends after {} atoms of this frame, expected {}", i, atoms));
        break;
      }
      read_atom();
    }
    finish_atoms();
    faults_.check();
    return std::move(structure_);
  }

  bool skip() {
    std::int64_t atoms = 0;
    if (!read_count(atoms)) return false;
    for (std::int64_t i = 0; i <= atoms; ++i)
      if (!scanner_.next_line()) {
        fail_at_end(fmt::format("the file ends within a frame, expected {} atoms", atoms));
        faults_.check();
      }
    return true;
  }

  StructureHeader header() {
    structure_ = Structure{};
    StructureHeader header;
    if (!read_count(header.atoms)) fail_at_end("no frame, expected the number of atoms");
    faults_.check();
    read_comment();
    faults_.check();
    header.cell = structure_.cell;
    return header;
  }

 private:
  void fail_at_end(std::string message) { faults_.add(scanner_.end_of_line(), std::move(message)); }

  /// False behind the last frame. Blank lines between frames do no harm.
  bool read_count(std::int64_t& atoms) {
    do
      if (!scanner_.next_line()) return false;
    while (scanner_.content().empty());
    LineFields line(scanner_, faults_);
    if (line.integer("the number of atoms of a frame", 1, kMaxAtoms, atoms))
      line.end("the number of atoms");
    // Without a count the frames that follow cannot be found.
    faults_.check();
    return true;
  }

  void read_comment() {
    if (!scanner_.next_line()) return fail_at_end("the file ends, expected a comment line");
    columns_ = {{Role::species, "species", 1}, {Role::position, "pos", 3}};
    if (!is_extended(scanner_.line())) {
      if (!scanner_.content().empty()) structure_.info["comment"] = scanner_.content();
      return;
    }
    const auto pairs = parse_comment(scanner_, faults_);
    structure_.cell = parse_cell(pairs, faults_);
    read_labels(pairs, structure_, faults_);
    for (const KeyValue& pair : pairs) {
      if (pair.key == "Properties")
        if (auto columns = parse_properties(pair, faults_)) columns_ = std::move(*columns);
      if (!is_known_key(pair.key)) structure_.info[pair.key] = pair.value;
    }
    std::string ignored;
    for (const Column& column : columns_)
      if (column.role == Role::ignored) ignored += (ignored.empty() ? "" : " ") + column.name;
    if (!ignored.empty()) structure_.info["ignored_columns"] = ignored;
  }

  bool has(Role role) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [role](const Column& column) { return column.role == role; });
  }

  void start_atoms(std::int64_t atoms) {
    const auto size = static_cast<std::size_t>(atoms);
    structure_.id.reserve(size);
    structure_.type.reserve(size);
    structure_.position.reserve(size);
    places_.clear();
    places_.reserve(size);
    structure_.species = species_;
    types_.clear();
    for (const auto& name : species_) types_.emplace(name, types_.size());
    const bool momenta = has(Role::momentum) && !has(Role::velocity);
    if (momenta && !has(Role::mass))
      fail_at_end("column momenta needs a column masses, expected both, or vel in Å/ps");
  }

  void read_atom() {
    LineFields line(scanner_, faults_);
    AtomLine atom;
    for (const Column& column : columns_)
      if (!read_column(line, column, atom)) return;
    if (!line.end(has_properties() ? "the columns of Properties"
                                   : "species x y z (a key Properties= names further columns)"))
      return;
    if (has(Role::mass) && !take_mass(line, atom)) return;
    structure_.type.push_back(atom.type);
    structure_.position.push_back(atom.position);
    structure_.id.push_back(has(Role::id) ? atom.id
                                          : static_cast<std::int64_t>(structure_.id.size()) + 1);
    places_.push_back(line.last());
    if (has(Role::force)) structure_.force.push_back(atom.force);
    if (has(Role::charge)) structure_.charge.push_back(atom.charge);
    if (has(Role::velocity)) structure_.velocity.push_back(atom.velocity);
    if (!has(Role::velocity) && has(Role::momentum)) {
      for (double& p : atom.momentum) p *= kAseVelocity / atom.mass;
      structure_.velocity.push_back(atom.momentum);
    }
  }

  bool has_properties() const { return columns_.size() > 2; }

  bool read_column(LineFields& line, const Column& column, AtomLine& atom) {
    switch (column.role) {
      case Role::species:
        return read_species(line, atom.type);
      case Role::position:
        return line.reals("pos (3 numbers)", atom.position.data(), 3);
      case Role::velocity:
        return line.reals("vel (3 numbers)", atom.velocity.data(), 3);
      case Role::momentum:
        return line.reals("momenta (3 numbers)", atom.momentum.data(), 3);
      case Role::force:
        return line.reals("forces (3 numbers)", atom.force.data(), 3);
      case Role::charge:
        return line.real("the charge", atom.charge);
      case Role::mass:
        return line.real("the mass", atom.mass);
      case Role::id:
        return line.integer("the id", 1, std::numeric_limits<std::int64_t>::max(), atom.id);
      case Role::ignored:
        break;
    }
    Token token;
    for (int i = 0; i < column.count; ++i)
      if (!line.word(column.name, token)) return false;
    return true;
  }

  bool read_species(LineFields& line, std::int32_t& type) {
    Token token;
    if (!line.word("the species", token)) return false;
    auto found = types_.find(token.text);
    if (found == types_.end() && !species_.empty())
      return line.fail(fmt::format("found species {}, expected one of: {}", in_quotes(token.text),
                                   fmt::join(species_, ", ")));
    if (found == types_.end()) {
      if (types_.size() == kMaxSpecies)
        return line.fail(fmt::format("more than {} different species", kMaxSpecies));
      found = types_.emplace(token.text, types_.size()).first;
      structure_.species.emplace_back(token.text);
    }
    type = static_cast<std::int32_t>(found->second);
    return true;
  }

  /// A mass belongs to a species, so its atoms must agree.
  bool take_mass(LineFields& line, const AtomLine& atom) {
    structure_.mass.resize(structure_.species.size(), 0.0);
    double& mass = structure_.mass[static_cast<std::size_t>(atom.type)];
    const auto& name = structure_.species[static_cast<std::size_t>(atom.type)];
    if (!(atom.mass > 0.0)) return line.fail("found a mass of 0 or less, expected one above 0");
    if (mass != 0.0 && mass != atom.mass)
      return line.fail(fmt::format("found mass {} of species {}, expected {} as on its first line",
                                   atom.mass, in_quotes(name), mass));
    mass = atom.mass;
    return true;
  }

  void finish_atoms() {
    const IdIndex ids(structure_.id);
    if (!has(Role::id)) return;
    for (const std::size_t twin : ids.duplicates())
      faults_.add(places_[twin], fmt::format("a second atom with id {}", structure_.id[twin]));
  }

  std::string source_;
  std::string text_;
  std::vector<std::string> species_;
  Scanner scanner_;
  Faults faults_;
  Structure structure_;
  std::vector<Column> columns_;
  std::vector<Token> places_;  // (N) a word of each atom's line
  std::unordered_map<std::string_view, std::size_t> types_;
};

ExtxyzReader::ExtxyzReader(std::string source, std::string text, std::vector<std::string> species)
    : state_(std::make_unique<State>(std::move(source), std::move(text), std::move(species))) {}
ExtxyzReader::ExtxyzReader(const std::filesystem::path& file, std::vector<std::string> species)
    : ExtxyzReader(file.string(), read_text_file(file), std::move(species)) {}
ExtxyzReader::ExtxyzReader(ExtxyzReader&&) noexcept = default;
ExtxyzReader& ExtxyzReader::operator=(ExtxyzReader&&) noexcept = default;
ExtxyzReader::~ExtxyzReader() = default;

std::optional<Structure> ExtxyzReader::next() { return state_->next(); }
bool ExtxyzReader::skip() { return state_->skip(); }
StructureHeader ExtxyzReader::header() { return state_->header(); }

namespace {

[[noreturn]] void refuse(const std::filesystem::path& file, std::string message) {
  throw ConfigError({Diagnostic{file.string(), 0, 0, std::move(message), ""}});
}

}  // namespace

Structure read_extxyz(const std::filesystem::path& file, std::int64_t frame,
                      std::vector<std::string> species) {
  std::string text = read_text_file(file);
  std::int64_t wanted = frame;
  if (frame < 0) {
    ExtxyzReader counter(file.string(), text, {});
    while (counter.skip()) ++wanted;
  }
  ExtxyzReader reader(file.string(), std::move(text), std::move(species));
  std::int64_t passed = 0;
  while (wanted >= 0 && passed < wanted && reader.skip()) ++passed;
  auto structure = wanted == passed ? reader.next() : std::nullopt;
  if (!structure)
    refuse(file, fmt::format("there is no frame {}, expected one of the file", frame));
  return std::move(*structure);
}

Structure read_only_frame(const std::filesystem::path& file, std::vector<std::string> species) {
  ExtxyzReader reader(file, std::move(species));
  auto structure = reader.next();
  if (!structure) refuse(file, "the file is empty, expected a frame");
  if (reader.skip())
    refuse(file,
           "the file has several frames, expected one; choose by 'frame: 0' (the first) or "
           "'frame: -1' (the last)");
  return std::move(*structure);
}

std::vector<Structure> read_all_frames(const std::filesystem::path& file,
                                       std::vector<std::string> species) {
  ExtxyzReader reader(file, std::move(species));
  std::vector<Structure> frames;
  while (auto structure = reader.next()) frames.push_back(std::move(*structure));
  if (frames.empty()) refuse(file, "the file is empty, expected at least one frame");
  return frames;
}

StructureHeader read_extxyz_header(const std::filesystem::path& file) {
  const TextHead head = read_text_head(file, kHeadBytes);
  StructureHeader header = ExtxyzReader(file.string(), head.text, {}).header();
  if (head.complete)
    if (auto structure = ExtxyzReader(file.string(), head.text, {}).next())
      header.species = std::move(structure->species);
  return header;
}

}  // namespace r1::io
