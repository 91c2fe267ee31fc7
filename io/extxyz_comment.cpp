// SPDX-License-Identifier: Apache-2.0
#include "io/extxyz_comment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <unordered_set>
#include <utility>

namespace r1::io {
namespace {

constexpr std::int64_t kMaxColumns = 4096;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

bool equal_but_for_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

/// GPUMD writes "lattice", others "Energy": a cell must not get lost over its case.
void use_our_case(std::string& key) {
  for (const std::string_view known : kCommentKeys)
    if (equal_but_for_case(key, known)) key = known;
}

/// Cuts a line into keys and values.
class PairReader {
 public:
  PairReader(const Scanner& scanner, Faults& faults)
      : line_(scanner.line()), number_(scanner.line_number()), faults_(faults) {}

  std::vector<KeyValue> read() {
    std::vector<KeyValue> pairs;
    std::unordered_set<std::string> keys;
    KeyValue pair;
    while (read_pair(pair)) {
      use_our_case(pair.key);
      if (!keys.insert(pair.key).second)
        faults_.add(pair.place, fmt::format("a second value of {}", in_quotes(pair.key)));
      pairs.push_back(std::move(pair));
      pair = KeyValue{};
    }
    return pairs;
  }

 private:
  Token token(std::size_t begin) const {
    return {line_.substr(begin, at_ - begin), number_, static_cast<std::int64_t>(begin) + 1};
  }
  bool at_end() const { return at_ >= line_.size(); }

  bool read_pair(KeyValue& pair) {
    while (!at_end() && is_blank(line_[at_])) ++at_;
    if (at_end()) return false;
    const std::size_t begin = at_;
    if (!read_text(pair.key, '=')) return false;
    pair.place = token(begin);
    pair.value.assign(1, 'T');
    if (at_end() || line_[at_] != '=') return true;
    const std::size_t value = ++at_;
    pair.value.clear();
    if (!read_text(pair.value, '\0')) return false;
    pair.place = token(value);
    if (!pair.key.empty()) return true;
    faults_.add(pair.place,
                "found a value without a key, expected key=value without white space around '='");
    return false;
  }

  /// A bare or enclosed text; a bare one also ends before `stop`.
  bool read_text(std::string& text, char stop) {
    constexpr std::string_view kOpen = "\"'{[";
    constexpr std::string_view kClose = "\"'}]";
    if (at_end()) return true;
    const std::size_t kind = kOpen.find(line_[at_]);
    if (kind != std::string_view::npos) return read_enclosed(text, kOpen[kind], kClose[kind]);
    while (!at_end() && !is_blank(line_[at_]) && line_[at_] != stop) text += line_[at_++];
    return true;
  }

  /// Brackets may nest, quotes may be escaped.
  bool read_enclosed(std::string& text, char open, char close) {
    const std::size_t begin = at_++;
    int depth = 1;
    for (; !at_end(); ++at_) {
      char c = line_[at_];
      if (c == '\\' && open == close && is_escaped(open)) {
        c = line_[++at_];
      } else if (c == close && --depth == 0) {
        ++at_;
        return true;
      } else if (c == open) {
        ++depth;
      }
      text += c;
    }
    faults_.add(token(begin),
                fmt::format("a value starts with {} and has no end, expected {}", open, close));
    return false;
  }

  /// A backslash counts only before a quote or another one: programs write others as they are.
  bool is_escaped(char quote) const {
    const char next = at_ + 1 < line_.size() ? line_[at_ + 1] : ' ';
    return next == quote || next == '\\';
  }

  std::string_view line_;
  std::int64_t number_;
  Faults& faults_;
  std::size_t at_ = 0;
};

struct KnownColumn {
  std::string_view name;
  Role role;
  char type;
  int count;
};

/// Names as ASE, QUIP, GPUMD and this program write them.
constexpr std::array<KnownColumn, 18> kColumns{{{"species", Role::species, 'S', 1},
                                                {"element", Role::species, 'S', 1},
                                                {"symbols", Role::species, 'S', 1},
                                                {"pos", Role::position, 'R', 3},
                                                {"positions", Role::position, 'R', 3},
                                                {"vel", Role::velocity, 'R', 3},
                                                {"velo", Role::velocity, 'R', 3},
                                                {"velocities", Role::velocity, 'R', 3},
                                                {"momenta", Role::momentum, 'R', 3},
                                                {"forces", Role::force, 'R', 3},
                                                {"force", Role::force, 'R', 3},
                                                {"charge", Role::charge, 'R', 1},
                                                {"charges", Role::charge, 'R', 1},
                                                {"initial_charges", Role::charge, 'R', 1},
                                                {"mass", Role::mass, 'R', 1},
                                                {"masses", Role::mass, 'R', 1},
                                                {"id", Role::id, 'I', 1},
                                                {"ids", Role::id, 'I', 1}}};

std::optional<Column> make_column(std::string_view name, std::string_view type,
                                  std::string_view count, const KeyValue& value, Faults& faults) {
  const auto number = parse_integer(count);
  if (name.empty() || type.size() != 1 || std::string_view("SRIL").find(type) == type.npos ||
      !number || *number < 1 || *number > kMaxColumns) {
    faults.add(value.place,
               fmt::format("found {} in Properties, expected name:type:columns with type S, R, I "
                           "or L",
                           in_quotes(fmt::format("{}:{}:{}", name, type, count))));
    return std::nullopt;
  }
  Column column{Role::ignored, std::string(name), static_cast<int>(*number)};
  for (const KnownColumn& known : kColumns) {
    if (known.name != name) continue;
    const bool fits = type[0] == known.type || (known.type == 'R' && type[0] == 'I');
    if (!fits || column.count != known.count) {
      faults.add(value.place, fmt::format("found {}:{}:{} in Properties, expected {}:{}:{}", name,
                                          type, count, name, known.type, known.count));
      return std::nullopt;
    }
    column.role = known.role;
  }
  return column;
}

const KeyValue* find(const std::vector<KeyValue>& pairs, std::string_view key) {
  for (const KeyValue& pair : pairs)
    if (pair.key == key) return &pair;
  return nullptr;
}

std::optional<bool> truth(std::string_view word) {
  for (const std::string_view yes : {"T", "True", "true", "TRUE", "1"})
    if (word == yes) return true;
  for (const std::string_view no : {"F", "False", "false", "FALSE", "0"})
    if (word == no) return false;
  return std::nullopt;
}

std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view kBetween = " \t,";
  std::vector<std::string_view> words;
  for (std::size_t begin = text.find_first_not_of(kBetween); begin != text.npos;) {
    const std::size_t end = std::min(text.find_first_of(kBetween, begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kBetween, end);
  }
  return words;
}

void read_pbc(const KeyValue& pair, std::array<bool, 3>& periodic, Faults& faults) {
  const auto words = words_of(pair.value);
  bool good = words.size() == 3 || words.size() == 1;
  for (std::size_t axis = 0; good && axis < 3; ++axis) {
    const auto value = truth(words[std::min(axis, words.size() - 1)]);
    good = value.has_value();
    if (good) periodic[axis] = *value;
  }
  if (!good)
    faults.add(pair.place,
               fmt::format("found pbc {}, expected like \"T T F\"", in_quotes(pair.value)));
}

}  // namespace

bool is_extended(std::string_view line) {
  for (const std::string_view key : {"lattice=", "properties="}) {
    const auto found = std::search(
        line.begin(), line.end(), key.begin(), key.end(),
        [](char x, char y) { return std::tolower(static_cast<unsigned char>(x)) == y; });
    if (found != line.end()) return true;
  }
  return false;
}

std::vector<KeyValue> parse_comment(const Scanner& scanner, Faults& faults) {
  return PairReader(scanner, faults).read();
}

std::optional<std::vector<double>> numbers_of(const KeyValue& value, std::vector<std::size_t> sizes,
                                              Faults& faults) {
  std::vector<double> numbers;
  const auto words = words_of(value.value);
  for (const auto word : words) {
    const auto number = parse_real(word);
    if (!number) {
      faults.add(value.place, fmt::format("found {} in {}, expected finite numbers",
                                          in_quotes(word), in_quotes(value.key)));
      return std::nullopt;
    }
    numbers.push_back(*number);
  }
  if (std::find(sizes.begin(), sizes.end(), numbers.size()) != sizes.end()) return numbers;
  faults.add(value.place, fmt::format("found {} numbers in {}, expected {}", numbers.size(),
                                      in_quotes(value.key), sizes.front()));
  return std::nullopt;
}

std::optional<std::vector<Column>> parse_properties(const KeyValue& value, Faults& faults) {
  std::vector<std::string_view> parts;
  const std::string_view text = value.value;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  parts.resize((parts.size() + 2) / 3 * 3);
  std::vector<Column> columns;
  std::array<bool, 9> seen{};
  for (std::size_t i = 0; i < parts.size(); i += 3) {
    const auto column = make_column(parts[i], parts[i + 1], parts[i + 2], value, faults);
    if (!column) return std::nullopt;
    bool& twice = seen[static_cast<std::size_t>(column->role)];
    if (twice && column->role != Role::ignored) {
      faults.add(value.place, fmt::format("{} in Properties names a quantity that is there already",
                                          in_quotes(column->name)));
      return std::nullopt;
    }
    twice = true;
    columns.push_back(*column);
  }
  if (seen[static_cast<std::size_t>(Role::species)] &&
      seen[static_cast<std::size_t>(Role::position)])
    return columns;
  faults.add(value.place, "Properties has no species or no pos, expected species:S:1:pos:R:3:...");
  return std::nullopt;
}

std::optional<Cell> parse_cell(const std::vector<KeyValue>& pairs, Faults& faults) {
  Cell cell;
  const KeyValue* lattice = find(pairs, "Lattice");
  const KeyValue* pbc = find(pairs, "pbc");
  const KeyValue* origin = find(pairs, "Origin");
  if (pbc != nullptr) read_pbc(*pbc, cell.periodic, faults);
  if (lattice == nullptr) return std::nullopt;
  if (origin != nullptr)
    if (const auto corner = numbers_of(*origin, {3}, faults))
      std::copy(corner->begin(), corner->end(), cell.origin.begin());
  const auto numbers = numbers_of(*lattice, {9}, faults);
  if (!numbers) return std::nullopt;
  for (std::size_t i = 0; i < 9; ++i) cell.vectors[i / 3][i % 3] = (*numbers)[i];
  const bool zero =
      std::all_of(numbers->begin(), numbers->end(), [](double x) { return x == 0.0; });
  const auto& periodic = cell.periodic;
  if (zero && pbc != nullptr && !periodic[0] && !periodic[1] && !periodic[2]) return std::nullopt;
  const double size = std::abs(volume(cell));
  if (size > 0.0 && std::isfinite(size)) return cell;
  faults.add(lattice->place,
             "the vectors of Lattice span no volume, expected three independent ones");
  return std::nullopt;
}

double volume(const Cell& cell) {
  const auto& [a, b, c] = cell.vectors;
  return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) +
         a[2] * (b[0] * c[1] - b[1] * c[0]);
}

}  // namespace r1::io
