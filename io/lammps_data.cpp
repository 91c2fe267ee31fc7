// SPDX-License-Identifier: Apache-2.0
#include "io/lammps_data.hpp"

#include "core/error.hpp"
#include "io/id_index.hpp"
#include "io/lammps_data_header.hpp"
#include "io/text_file.hpp"
#include "io/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdint>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

namespace r1::io {
namespace {

constexpr std::int64_t kMaxId = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kMaxImage = std::numeric_limits<std::int32_t>::max();
constexpr std::uint64_t kHeadBytes = std::uint64_t{1} << 22;
constexpr const char* kStyles = "atomic, charge, molecular or full";

/// The items of a topology section.
struct Topology {
  std::string_view heading;
  LammpsItem item;
  std::int64_t atoms;  // per item
  std::vector<Bond> Structure::*list;
};
constexpr std::array<Topology, 4> kTopologies{
    {{"Bonds", kBonds, 2, &Structure::bonds},
     {"Angles", kAngles, 3, &Structure::angles},
     {"Dihedrals", kDihedrals, 4, &Structure::dihedrals},
     {"Impropers", kImpropers, 4, &Structure::impropers}}};

class DataReader {
 public:
  DataReader(std::string_view text, const std::string& source, std::optional<AtomStyle> style)
      : faults_(source, text), scanner_(text, '#'), style_(style) {
    structure_.source = source;
  }

  Structure read() {
    at_section_ = read_lammps_header(scanner_, faults_, CountLimit::file, header_);
    // Without the counts every section would seem wrong.
    if (!header_.counts_known) faults_.check();
    structure_.cell = header_.cell;
    number_species();
    while (at_section_) read_section();
    check_sections();
    faults_.check();
    return std::move(structure_);
  }

  StructureHeader read_head(CountLimit limit) {
    at_section_ = read_lammps_header(scanner_, faults_, limit, header_);
    faults_.check();
    number_species();
    while (at_section_ && scanner_.content() != "Atoms")
      if (scanner_.content() == "Atom Type Labels")
        read_section();
      else
        skip_section();
    faults_.check();
    return {count(kAtoms), structure_.species, header_.cell};
  }

 private:
  std::int64_t count(LammpsItem item) const { return header_.counts[item]; }
  std::int64_t types(LammpsItem item) const { return header_.types[item]; }

  void number_species() {
    for (std::int64_t type = 1; type <= types(kAtoms); ++type)
      structure_.species.push_back(std::to_string(type));
  }

  bool is_seen(std::string_view heading) const {
    return std::find(seen_.begin(), seen_.end(), heading) != seen_.end();
  }

  /// Reads the section whose heading is the scanner's line and stops at the next heading.
  void read_section() {
    heading_ = scanner_.whole_line();
    const std::string_view heading = heading_.text;
    if (is_seen(heading)) {
      faults_.add(heading_, fmt::format("a second section {}", in_quotes(heading)));
      return skip_section();
    }
    seen_.push_back(heading);
    if (heading == "Atoms") return read_atoms();
    if (heading == "Masses")
      return read_body(types(kAtoms), [this](LineFields& line) { read_mass(line); });
    if (heading == "Velocities") return read_velocities();
    if (heading == "Atom Type Labels")
      return read_body(types(kAtoms), [this](LineFields& line) { read_label(line); });
    for (const Topology& topology : kTopologies)
      if (heading == topology.heading) return read_topology(topology);
    faults_.add(
        heading_,
        fmt::format("{} section {}; expected Masses, Atoms, Velocities, Bonds, Angles, "
                    "Dihedrals, Impropers or Atom Type Labels",
                    is_lammps_section(heading) ? "unsupported" : "unknown", in_quotes(heading)));
    skip_section();
  }

  /// Lines of a section that is not read may start with letters: only a heading that LAMMPS knows ends it.
  void skip_section() {
    do at_section_ = scanner_.next_line();
    while (at_section_ && !is_lammps_section(scanner_.content()));
  }

  bool is_label_line() const {
    const std::string_view text = scanner_.content();
    const std::string_view word = text.substr(0, text.find_first_of(" \t"));
    return !is_lammps_section(text) && labels_.count(word) > 0;
  }

  /// Calls read_line for each line of the body that the header counts.
  template <class ReadLine>
  void read_body(std::int64_t expected, ReadLine read_line) {
    std::int64_t lines = 0;
    Token token;
    while ((at_section_ = scanner_.next_line())) {
      if (!scanner_.next(token)) continue;
      if (std::isalpha(static_cast<unsigned char>(token.text.front())) != 0 &&
          is_lammps_heading(scanner_) && !is_label_line())
        break;
      if (++lines > expected) continue;
      scanner_.rewind_line();
      LineFields line(scanner_, faults_);
      read_line(line);
    }
    if (lines != expected)
      faults_.add(heading_, fmt::format("section {} has {} lines, expected {} by the header",
                                        in_quotes(heading_.text), lines, expected));
  }

  /// A type by number or label; from 0.
  bool read_type(LineFields& line, std::int32_t& type) {
    Token token;
    if (!line.word("the atom type", token)) return false;
    if (!labels_.empty() && std::isdigit(static_cast<unsigned char>(token.text.front())) == 0) {
      const auto found = labels_.find(token.text);
      if (found == labels_.end())
        return line.fail(fmt::format("found {}, expected a label of section 'Atom Type Labels'",
                                     in_quotes(token.text)));
      type = found->second;
      return true;
    }
    const auto number = parse_integer(token.text);
    if (!number || *number < 1 || *number > types(kAtoms))
      return line.fail(fmt::format("found {}, expected an atom type from 1 to {}",
                                   in_quotes(token.text), types(kAtoms)));
    type = static_cast<std::int32_t>(*number - 1);
    return true;
  }

  void read_label(LineFields& line) {
    std::int64_t type = 0;
    Token label;
    if (!line.integer("the atom type", 1, types(kAtoms), type) || !line.word("its label", label) ||
        !line.end("the label"))
      return;
    if (is_seen("Atoms") || is_seen("Masses")) {
      line.fail("type labels must stand before the sections that use them");
      return;
    }
    auto& species = structure_.species[static_cast<std::size_t>(type - 1)];
    if (species != std::to_string(type))
      line.fail(fmt::format("a second label of atom type {}", type));
    else if (std::isdigit(static_cast<unsigned char>(label.text.front())) != 0 ||
             label.text.front() == '*' ||
             !labels_.emplace(label.text, static_cast<std::int32_t>(type - 1)).second)
      line.fail(fmt::format("found {}, expected a label of its own that starts with no digit",
                            in_quotes(label.text)));
    else
      species = label.text;
  }

  void read_mass(LineFields& line) {
    structure_.mass.resize(structure_.species.size(), 0.0);
    std::int32_t type = 0;
    double mass = 0.0;
    if (!read_type(line, type) || !line.real("the mass", mass)) return;
    double& slot = structure_.mass[static_cast<std::size_t>(type)];
    if (!(mass > 0.0))
      line.fail(fmt::format("found mass {}, expected one above 0", in_quotes(line.last().text)));
    else if (slot > 0.0)
      line.fail(fmt::format("a second mass of atom type {}", type + 1));
    else if (line.end("the mass"))
      slot = mass;
  }

  void choose_style() {
    const std::string_view comment = scanner_.comment();
    const auto written = atom_style(comment);
    if (!style_) style_ = written;
    if (!style_)
      faults_.add(heading_, comment.empty()
                                ? fmt::format("no comment 'Atoms # style' tells the columns; set "
                                              "'atom_style' to {}",
                                              kStyles)
                                : fmt::format("unsupported atom style {}, expected {}",
                                              in_quotes(comment), kStyles));
    else if (written && *written != *style_)
      faults_.add(heading_, fmt::format("the file's atom style is {}, but 'atom_style' is {}",
                                        in_quotes(comment), name(*style_)));
  }

  void read_atoms() {
    const std::size_t faults_before = faults_.size();
    choose_style();
    if (faults_.size() > faults_before) return skip_section();
    const auto size = static_cast<std::size_t>(count(kAtoms));
    structure_.id.reserve(size);
    structure_.type.reserve(size);
    structure_.position.reserve(size);
    line_of_atom_.reserve(size);
    read_body(count(kAtoms), [this](LineFields& line) { read_atom(line); });
    ids_ = IdIndex(structure_.id);
    for (const std::size_t twin : ids_.duplicates())
      faults_.add(line_of_atom_[twin],
                  fmt::format("a second atom with id {}", structure_.id[twin]));
    // Sections that refer to atoms are not held against ids that could not be read.
    atoms_good_ = faults_.size() == faults_before;
  }

  void read_atom(LineFields& line) {
    const bool molecular = *style_ == AtomStyle::molecular || *style_ == AtomStyle::full;
    const bool charged = *style_ == AtomStyle::charge || *style_ == AtomStyle::full;
    std::int64_t id = 0;
    std::int64_t molecule = 0;
    std::int32_t type = 0;
    double charge = 0.0;
    Vec3 x;
    Int3 image{};
    if (!line.integer("the atom id", 1, kMaxId, id)) return;
    const Token place = line.last();
    if (molecular && !line.integer("the molecule id", 0, kMaxId, molecule)) return;
    if (!read_type(line, type)) return;
    if (charged && !line.real("the charge", charge)) return;
    if (!line.reals("the position x y z", x.data(), 3) || !read_images(line, image)) return;
    structure_.id.push_back(id);
    structure_.type.push_back(type);
    structure_.position.push_back(x);
    line_of_atom_.push_back(place);
    if (molecular) structure_.molecule.push_back(molecule);
    if (charged) structure_.charge.push_back(charge);
    if (has_images_) structure_.image.push_back(image);
  }

  bool read_images(LineFields& line, Int3& image) {
    if (structure_.id.empty()) has_images_ = line.more();
    if (!has_images_) return line.end("x y z, as on the first line of 'Atoms'");
    for (auto& along : image) {
      std::int64_t value = 0;
      if (!line.integer("three image flags, as on the first line of 'Atoms'", -kMaxImage, kMaxImage,
                        value))
        return false;
      along = static_cast<std::int32_t>(value);
    }
    return line.end("the image flags");
  }

  /// The index of the atom whose id is the next word; `guess` is tried first.
  bool read_reference(LineFields& line, std::size_t guess, std::size_t& index) {
    std::int64_t id = 0;
    if (!line.integer("the id of an atom", 1, kMaxId, id)) return false;
    const auto found = ids_.find(id, guess);
    if (found) index = *found;
    if (!found && atoms_good_) return line.fail(fmt::format("there is no atom with id {}", id));
    return found.has_value();
  }

  bool behind_atoms() {
    if (is_seen("Atoms")) return true;
    faults_.add(heading_, fmt::format("section {} stands before 'Atoms', expected behind it",
                                      in_quotes(heading_.text)));
    skip_section();
    return false;
  }

  void read_velocities() {
    if (!behind_atoms()) return;
    structure_.velocity.assign(structure_.size(), Vec3{});
    std::vector<bool> done(structure_.size(), false);
    std::size_t guess = 0;
    read_body(count(kAtoms), [&](LineFields& line) {
      std::size_t atom = 0;
      if (!read_reference(line, guess, atom)) return;
      guess = atom + 1;
      if (done[atom]) {
        line.fail(fmt::format("a second velocity of atom {}", structure_.id[atom]));
        return;
      }
      done[atom] = true;
      if (line.reals("the velocity vx vy vz", structure_.velocity[atom].data(), 3))
        line.end("the velocity");
    });
  }

  void read_topology(const Topology& topology) {
    if (!behind_atoms()) return;
    if (types(topology.item) == 0) {
      faults_.add(heading_, fmt::format("section {}, but the header counts no types of it",
                                        in_quotes(heading_.text)));
      return skip_section();
    }
    auto& list = structure_.*topology.list;
    list.reserve(static_cast<std::size_t>(count(topology.item)));
    read_body(count(topology.item), [&](LineFields& line) {
      std::int64_t id = 0;
      std::int64_t type = 0;
      if (!line.integer("the item's id", 1, kMaxId, id) ||
          !line.integer("the item's type", 1, types(topology.item), type))
        return;
      Bond bond{static_cast<std::int32_t>(type - 1), {}};
      bond.atoms.reserve(static_cast<std::size_t>(topology.atoms));
      for (std::int64_t i = 0; i < topology.atoms; ++i) {
        std::size_t atom = 0;
        if (!read_reference(line, 0, atom)) return;
        bond.atoms.push_back(structure_.id[atom]);
      }
      std::vector<std::int64_t> sorted = bond.atoms;
      std::sort(sorted.begin(), sorted.end());
      if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        line.fail("the same atom twice, expected different atoms");
      else if (line.end("the atoms"))
        list.push_back(std::move(bond));
    });
  }

  void check_sections() {
    if (!is_seen("Atoms")) faults_.add_file("no section 'Atoms'");
    for (const Topology& topology : kTopologies)
      if (count(topology.item) > 0 && !is_seen(topology.heading))
        faults_.add_file(fmt::format("the header counts {} {}, but there is no section '{}'",
                                     count(topology.item), topology.heading, topology.heading));
  }

  LammpsHeader header_;
  Faults faults_;
  Scanner scanner_;
  std::optional<AtomStyle> style_;
  Structure structure_;
  IdIndex ids_;
  Token heading_;
  std::vector<std::string_view> seen_;  // headings
  std::unordered_map<std::string_view, std::int32_t> labels_;
  std::vector<Token> line_of_atom_;  // (N)
  bool at_section_ = false;
  bool has_images_ = false;
  bool atoms_good_ = false;
};

}  // namespace

std::optional<AtomStyle> atom_style(std::string_view name) {
  if (name == "atomic") return AtomStyle::atomic;
  if (name == "charge") return AtomStyle::charge;
  if (name == "molecular" || name == "bond" || name == "angle") return AtomStyle::molecular;
  if (name == "full") return AtomStyle::full;
  return std::nullopt;
}

std::string_view name(AtomStyle style) {
  constexpr std::array<std::string_view, 4> kNames{"atomic", "charge", "molecular", "full"};
  return kNames[static_cast<std::size_t>(style)];
}

Structure parse_lammps_data(std::string_view text, const std::string& source,
                            std::optional<AtomStyle> style) {
  return DataReader(text, source, style).read();
}

Structure read_lammps_data(const std::filesystem::path& file, std::optional<AtomStyle> style) {
  return parse_lammps_data(read_text_file(file), file.string(), style);
}

StructureHeader read_lammps_data_header(const std::filesystem::path& file) {
  const TextHead head = read_text_head(file, kHeadBytes);
  const auto limit = head.complete ? CountLimit::file : CountLimit::none;
  return DataReader(head.text, file.string(), std::nullopt).read_head(limit);
}

}  // namespace r1::io
