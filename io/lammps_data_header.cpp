// SPDX-License-Identifier: Apache-2.0
#include "io/lammps_data_header.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

namespace r1::io {
namespace {

constexpr std::int64_t kMaxTypes = 65535;
constexpr std::size_t kMaxHeaderWords = 8;

constexpr std::array<std::string_view, 34> kSections{"Atoms",
                                                     "Velocities",
                                                     "Masses",
                                                     "Bonds",
                                                     "Angles",
                                                     "Dihedrals",
                                                     "Impropers",
                                                     "Ellipsoids",
                                                     "Lines",
                                                     "Triangles",
                                                     "Bodies",
                                                     "Atom Type Labels",
                                                     "Bond Type Labels",
                                                     "Angle Type Labels",
                                                     "Dihedral Type Labels",
                                                     "Improper Type Labels",
                                                     "Pair Coeffs",
                                                     "PairIJ Coeffs",
                                                     "Bond Coeffs",
                                                     "Angle Coeffs",
                                                     "Dihedral Coeffs",
                                                     "Improper Coeffs",
                                                     "BondBond Coeffs",
                                                     "BondAngle Coeffs",
                                                     "MiddleBondTorsion Coeffs",
                                                     "EndBondTorsion Coeffs",
                                                     "AngleTorsion Coeffs",
                                                     "AngleAngleTorsion Coeffs",
                                                     "BondBond13 Coeffs",
                                                     "AngleAngle Coeffs",
                                                     "UreyBradley Coeffs",
                                                     "PiTorsion Coeffs",
                                                     "Tinker Types",
                                                     "CMAP"};

constexpr std::array<std::string_view, kLammpsItems> kCountWords{"atoms", "bonds", "angles",
                                                                 "dihedrals", "impropers"};
constexpr std::array<std::string_view, kLammpsItems> kTypeWords{
    "atom types", "bond types", "angle types", "dihedral types", "improper types"};
/// Bytes of the shortest line of each item: "1 1 0 0 0\n", "1 1 1 2\n", ...
constexpr std::array<std::int64_t, kLammpsItems> kShortestLine{9, 7, 9, 11, 11};

/// Room that LAMMPS reserves for later commands; no part of the structure.
constexpr std::array<std::string_view, 5> kReservations{
    "extra bond per atom", "extra angle per atom", "extra dihedral per atom",
    "extra improper per atom", "extra special per atom"};
constexpr std::array<std::string_view, 4> kGeneralTriclinic{"avec", "bvec", "cvec", "abc origin"};
constexpr std::array<std::string_view, 4> kForeignItems{"ellipsoids", "lines", "triangles",
                                                        "bodies"};

template <class Words>
int index_of(const Words& words, std::string_view word) {
  const auto found = std::find(words.begin(), words.end(), word);
  return found == words.end() ? -1 : static_cast<int>(found - words.begin());
}

/// A header line split into leading numbers and the words behind them, joined by single spaces.
struct HeaderLine {
  std::vector<Token> numbers;
  std::string keyword;
  Token place;  // of the keyword
};

bool starts_number(std::string_view word) {
  const char c = word.front();
  if (word == "nan" || word == "inf") return true;  // to be refused as what they are
  return std::isdigit(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '-' || c == '.';
}

HeaderLine split(Scanner& scanner) {
  HeaderLine line;
  Token token;
  std::size_t words = 0;
  while (scanner.next(token) && ++words <= kMaxHeaderWords) {
    if (line.keyword.empty() && starts_number(token.text)) {
      line.numbers.push_back(token);
      continue;
    }
    if (line.keyword.empty()) line.place = token;
    if (!line.keyword.empty()) line.keyword += ' ';
    line.keyword += token.text;
  }
  if (line.keyword.empty()) line.place = line.numbers.front();
  return line;
}

class HeaderReader {
 public:
  HeaderReader(Scanner& scanner, Faults& faults, CountLimit limit, LammpsHeader& header)
      : scanner_(scanner), faults_(faults), limit_(limit), header_(header) {}

  bool read() {
    scanner_.next_line();  // the title, whatever it says
    Token token;
    bool at_section = false;
    while (!at_section && scanner_.next_line()) {
      if (!scanner_.next(token)) continue;
      at_section = !starts_number(token.text);
      scanner_.rewind_line();
      if (!at_section) read_line(split(scanner_));
    }
    finish();
    return at_section;
  }

 private:
  void read_line(const HeaderLine& line) {
    const std::string_view word = line.keyword;
    if (word.empty())
      return faults_.add(line.place, "found only numbers, expected a header keyword behind them");
    if (std::find(seen_.begin(), seen_.end(), word) != seen_.end())
      return faults_.add(line.place, fmt::format("a second header line {}", in_quotes(word)));
    if (const int item = index_of(kCountWords, word); item >= 0) return read_count(line, item);
    if (const int item = index_of(kTypeWords, word); item >= 0) return read_types(line, item);
    if (word == "xlo xhi") return read_bounds(line, 0);
    if (word == "ylo yhi") return read_bounds(line, 1);
    if (word == "zlo zhi") return read_bounds(line, 2);
    if (word == "xy xz yz") return read_tilt(line);
    if (index_of(kReservations, word) >= 0) return accept(line, 1);
    if (index_of(kGeneralTriclinic, word) >= 0)
      return faults_.add(line.place,
                         fmt::format("{} (a general triclinic box) is not supported, expected "
                                     "'xlo xhi', 'ylo yhi', 'zlo zhi' and 'xy xz yz'",
                                     in_quotes(word)));
    if (index_of(kForeignItems, word) >= 0) return refuse_items(line);
    faults_.add(line.place,
                fmt::format("unknown header keyword {}, expected 'atoms', 'atom types', "
                            "'xlo xhi', 'xy xz yz', 'bonds', ...",
                            in_quotes(word)));
  }

  /// Checks how many numbers the line has and notes its keyword.
  bool take(const HeaderLine& line, std::size_t numbers) {
    seen_.push_back(line.keyword);
    if (line.numbers.size() == numbers) return true;
    faults_.add(line.place, fmt::format("found {} numbers before '{}', expected {}",
                                        line.numbers.size(), line.keyword, numbers));
    return false;
  }

  void accept(const HeaderLine& line, std::size_t numbers) {
    std::int64_t ignored = 0;
    if (take(line, numbers)) integer(line.numbers[0], line.keyword, kMaxTypes, ignored);
  }

  bool integer(const Token& token, std::string_view what, std::int64_t high, std::int64_t& value) {
    const auto number = parse_integer(token.text);
    if (number && *number >= 0 && *number <= high) {
      value = *number;
      return true;
    }
    faults_.add(token, fmt::format("found {} {}, expected an integer from 0 to {}",
                                   in_quotes(token.text), what, high));
    return false;
  }

  void read_count(const HeaderLine& line, int item) {
    const auto slot = static_cast<std::size_t>(item);
    std::int64_t count = 0;
    const bool known = std::exchange(header_.counts_known, false);
    if (!take(line, 1)) return;
    if (!integer(line.numbers[0], line.keyword, std::int64_t{1} << 53, count)) return;
    const auto left = static_cast<std::int64_t>(scanner_.remaining());
    if (limit_ == CountLimit::file && count > left / kShortestLine[slot] + 1)
      return faults_.add(line.numbers[0],
                         fmt::format("found {} {}, but the {} bytes that follow cannot hold them; "
                                     "the file is truncated or the number is wrong",
                                     count, line.keyword, left));
    if (item == kAtoms && count == 0)
      return faults_.add(line.numbers[0], "found 0 atoms, expected at least 1");
    header_.counts[slot] = count;
    header_.counts_known = known;
  }

  void read_types(const HeaderLine& line, int item) {
    auto& types = header_.types[static_cast<std::size_t>(item)];
    if (!take(line, 1) || !integer(line.numbers[0], line.keyword, kMaxTypes, types))
      header_.counts_known = false;
  }

  void refuse_items(const HeaderLine& line) {
    std::int64_t count = 0;
    if (take(line, 1) && integer(line.numbers[0], line.keyword, kMaxTypes, count) && count > 0)
      faults_.add(line.place, fmt::format("'{}' are not supported", line.keyword));
  }

  bool real(const Token& token, double& value) {
    const auto number = parse_real(token.text);
    if (number) value = *number;
    if (!number)
      faults_.add(token, fmt::format("found {}, expected a finite number", in_quotes(token.text)));
    return number.has_value();
  }

  void read_bounds(const HeaderLine& line, std::size_t axis) {
    double low = 0.0;
    double high = 0.0;
    if (!take(line, 2) || !real(line.numbers[0], low) || !real(line.numbers[1], high)) return;
    if (!(low < high) || high - low > 1e300)
      return faults_.add(
          line.numbers[1],
          fmt::format("the box ends at {} and starts at {}, expected the lower "
                      "bound first",
                      in_quotes(line.numbers[1].text), in_quotes(line.numbers[0].text)));
    header_.cell.origin[axis] = low;
    header_.cell.vectors[axis][axis] = high - low;
  }

  void read_tilt(const HeaderLine& line) {
    std::array<double, 3> tilt{};
    if (!take(line, 3)) return;
    for (std::size_t i = 0; i < 3; ++i)
      if (!real(line.numbers[i], tilt[i])) return;
    header_.cell.vectors[1][0] = tilt[0];
    header_.cell.vectors[2][0] = tilt[1];
    header_.cell.vectors[2][1] = tilt[2];
  }

  /// Faulty lines were reported already: here only absent ones are faults.
  void finish() {
    constexpr std::array<std::string_view, 5> kRequired{"atoms", "atom types", "xlo xhi", "ylo yhi",
                                                        "zlo zhi"};
    for (const auto word : kRequired)
      if (std::find(seen_.begin(), seen_.end(), word) == seen_.end())
        faults_.add_file(fmt::format("no line '{}' before the first section", word));
    if (header_.counts[kAtoms] == 0 || header_.types[kAtoms] == 0) header_.counts_known = false;
  }

  Scanner& scanner_;
  Faults& faults_;
  CountLimit limit_;
  LammpsHeader& header_;
  std::vector<std::string> seen_;
};

}  // namespace

bool read_lammps_header(Scanner& scanner, Faults& faults, CountLimit limit, LammpsHeader& header) {
  return HeaderReader(scanner, faults, limit, header).read();
}

bool is_lammps_section(std::string_view name) { return index_of(kSections, name) >= 0; }

bool is_lammps_heading(const Scanner& scanner) {
  const std::string_view text = scanner.content();
  if (text.empty() || std::isupper(static_cast<unsigned char>(text.front())) == 0) return false;
  if (is_lammps_section(text)) return true;
  // A body's line that starts with a stray letter has numbers too; a heading is made of words.
  return std::all_of(text.begin(), text.end(), [](char c) {
    return c == ' ' || std::isalpha(static_cast<unsigned char>(c)) != 0;
  });
}

}  // namespace r1::io
