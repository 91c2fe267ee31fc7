// Dumps and logs of LAMMPS, as far as the tests' reference runs need them.
// SPDX-License-Identifier: Apache-2.0
#include "io/text_file.hpp"
#include "io/tokens.hpp"

#include <algorithm>
#include <stdexcept>

#include "test_system.hpp"

namespace r1::test {
namespace {

std::vector<std::string> words_of_line(io::Scanner& scanner) {
  std::vector<std::string> words;
  for (io::Token token; scanner.next(token);) words.emplace_back(token.text);
  return words;
}

/// The rows of one frame; the scanner is behind "ITEM: ATOMS".
std::vector<std::vector<double>> read_rows(io::Scanner& scanner, std::size_t columns) {
  std::vector<std::vector<double>> rows;
  while (scanner.next_line() && scanner.content().substr(0, 5) != "ITEM:") {
    std::vector<double> row;
    for (const auto& word : words_of_line(scanner)) row.push_back(io::parse_real(word).value());
    if (row.size() != columns) throw std::runtime_error("a dump row has too few columns");
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<Vec3> DumpFrame::vectors(const std::string& x, const std::string& y,
                                     const std::string& z) const {
  std::vector<Vec3> list;
  for (std::size_t i = 0; i < id.size(); ++i)
    list.push_back({column.at(x)[i], column.at(y)[i], column.at(z)[i]});
  return list;
}

DumpFrame read_dump(const std::string& file, std::int64_t timestep) {
  const std::string text = io::read_text_file(file);
  io::Scanner scanner(text);
  bool found = false;
  while (scanner.next_line()) {
    if (scanner.content() == "ITEM: TIMESTEP" && scanner.next_line())
      found = io::parse_integer(scanner.content()) == timestep;
    if (!found || scanner.content().substr(0, 11) != "ITEM: ATOMS") continue;
    auto names = words_of_line(scanner);
    names.erase(names.begin(), names.begin() + 2);
    auto rows = read_rows(scanner, names.size());
    const auto id =
        static_cast<std::size_t>(std::find(names.begin(), names.end(), "id") - names.begin());
    std::sort(rows.begin(), rows.end(),
              [&](const auto& a, const auto& b) { return a.at(id) < b.at(id); });
    DumpFrame frame;
    for (const auto& row : rows) {
      frame.id.push_back(static_cast<std::int64_t>(row[id]));
      for (std::size_t c = 0; c < names.size(); ++c) frame.column[names[c]].push_back(row[c]);
    }
    return frame;
  }
  throw std::runtime_error(file + " has no timestep " + std::to_string(timestep));
}

std::map<std::string, double> read_log_row(const std::string& file, std::int64_t step) {
  const std::string text = io::read_text_file(file);
  io::Scanner scanner(text);
  std::vector<std::string> names;
  while (scanner.next_line()) {
    const auto words = words_of_line(scanner);
    if (!words.empty() && words[0] == "Step") names = words;
    if (names.empty() || words.size() != names.size()) continue;
    if (io::parse_integer(words[0]) != step) continue;
    std::map<std::string, double> row;
    for (std::size_t c = 0; c < names.size(); ++c) row[names[c]] = io::parse_real(words[c]).value();
    return row;
  }
  throw std::runtime_error(file + " has no row of step " + std::to_string(step));
}

}  // namespace r1::test
