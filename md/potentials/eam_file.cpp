// SPDX-License-Identifier: Apache-2.0
#include "md/potentials/eam_file.hpp"

#include "io/text_file.hpp"
#include "io/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace r1::md {
namespace {

using io::in_quotes;
using io::LineFields;
using io::Token;

constexpr std::uint64_t kMaxBytes = std::uint64_t{1} << 28;
constexpr std::int64_t kMinPoints =
    6;  // slopes look two points to either side; resampling drops one
constexpr std::int64_t kMaxPoints = 10'000'000;
constexpr double kMinSpacing = 1e-9, kMaxSpacing = 1e9;

class EamReader {
 public:
  EamReader(std::string_view text, const std::string& source, EamFormat format)
      : faults_(source, text), scanner_(text) {
    file_.source = source;
    file_.format = format;
  }

  EamFile read() {
    const bool alone = file_.format == EamFormat::funcfl;
    read_comments(alone ? 1 : 3);
    if (alone) {
      file_.elements.resize(1);
      read_element_line("the element");
    } else {
      read_names();
    }
    read_grid();
    faults_.check();  // without sizes nothing that follows can be read
    if (alone)
      read_funcfl_tables();
    else
      read_setfl_tables();
    Token token;
    if (scanner_.next_anywhere(token))
      faults_.add(token, fmt::format("found {}, expected the end of the file after its last table",
                                     in_quotes(token.text)));
    faults_.check();
    return std::move(file_);
  }

 private:
  void read_comments(int lines) {
    for (int k = 0; k < lines; ++k) {
      need_line(fmt::format("comment line {} of {}", k + 1, lines));
      if (k > 0) continue;
      Token token;
      while (scanner_.next(token))
        if (token.text == "UNITS:" && scanner_.next(token) && token.text != "metal")
          faults_.add(token, fmt::format("found units {}, expected metal: a table in eV and Å",
                                         in_quotes(token.text)));
    }
  }

  void need_line(const std::string& what) {
    if (scanner_.next_line()) return;
    faults_.add(scanner_.end_of_line(), "the file ends, expected " + what);
    faults_.check();
  }

  void read_names() {
    need_line("the number of elements and their names");
    LineFields line(scanner_, faults_);
    std::int64_t count = 0;
    if (!line.integer("the number of elements", 1, 1000, count)) return;
    for (std::int64_t k = 0; k < count; ++k) {
      Token name;
      if (!line.word(fmt::format("the name of element {} of {}", k + 1, count), name)) return;
      for (const auto& element : file_.elements)
        if (element.name == name.text) {
          line.fail(fmt::format("element {} is named twice", in_quotes(name.text)));
          return;
        }
      file_.elements.emplace_back().name = name.text;
    }
    line.end(fmt::format("the {} names", count));
  }

  /// "Z mass ...": what follows (lattice constant and type) is not used.
  void read_element_line(const std::string& of) {
    need_line("the line of " + of);
    LineFields line(scanner_, faults_);
    std::int64_t number = 0;
    double mass = 0;
    if (line.integer("the atomic number of " + of, 0, 999, number) &&
        line.real("the mass of " + of, mass) && !(mass > 0))
      line.fail(fmt::format("found {}, expected a mass > 0", in_quotes(line.last().text)));
    for (Token unused; scanner_.next(unused);) continue;
  }

  void read_grid() {
    need_line("the grid: n_rho d_rho n_r d_r cutoff");
    LineFields line(scanner_, faults_);
    read_axis(line, "densities", file_.n_rho, file_.d_rho);
    read_axis(line, "distances", file_.n_r, file_.d_r);
    if (!line.real("the cutoff", file_.cutoff)) return;
    // A table may end one point before its cutoff: the last interval is then held constant.
    const double reach = file_.n_r * file_.d_r * (1 + 1e-9);
    if (!(file_.cutoff > 0 && file_.cutoff <= reach)) {
      line.fail(fmt::format("found cutoff {}, expected > 0 and within the table of {} points of {}",
                            file_.cutoff, file_.n_r, file_.d_r));
      return;
    }
    if (line.end("the cutoff")) check_size(line);
  }

  void read_axis(LineFields& line, const char* what, int& points, double& spacing) {
    std::int64_t n = 0;
    if (!line.integer(fmt::format("the number of {}", what), kMinPoints, kMaxPoints, n)) return;
    points = static_cast<int>(n);
    if (line.real(fmt::format("the spacing of {}", what), spacing) &&
        !(spacing >= kMinSpacing && spacing <= kMaxSpacing))
      line.fail(fmt::format("found {}, expected a spacing of {} from {} to {}",
                            in_quotes(line.last().text), what, kMinSpacing, kMaxSpacing));
  }

  /// Sizes come before the tables: they must fit what is left of the file before memory is taken for them.
  void check_size(LineFields& line) {
    const auto elements = static_cast<double>(file_.elements.size());
    const double per_element = file_.format == EamFormat::funcfl ? 2
                               : file_.format == EamFormat::fs   ? elements
                                                                 : 1;
    const double pairs = file_.format == EamFormat::funcfl ? 0 : elements * (elements + 1) / 2;
    const double numbers = elements * file_.n_rho + (elements * per_element + pairs) * file_.n_r;
    const std::size_t room = scanner_.remaining() / 2 + 1;  // a digit and a space each
    if (numbers > static_cast<double>(room))
      line.fail(
          fmt::format("the grid needs {:.0f} numbers, the rest of the file ({} bytes) has room "
                      "for {} at most",
                      numbers, scanner_.remaining(), room));
  }

  void read_funcfl_tables() {
    EamElement& element = file_.elements[0];
    element.embedding = read_table("F(rho)", file_.n_rho);
    element.effective_charge = read_table("Z(r)", file_.n_r);
    element.density.push_back(read_table("rho(r)", file_.n_r));
  }

  void read_setfl_tables() {
    const std::size_t n = file_.elements.size();
    for (auto& element : file_.elements) {
      read_element_line("element " + element.name);
      faults_.check();
      element.embedding = read_table("F(rho) of " + element.name, file_.n_rho);
      const std::size_t densities = file_.format == EamFormat::fs ? n : 1;
      for (std::size_t at = 0; at < densities; ++at)
        element.density.push_back(
            read_table("rho(r) of " + element.name +
                           (n > 1 && densities > 1 ? " at " + file_.elements[at].name : ""),
                       file_.n_r));
    }
    for (std::size_t a = 0; a < n; ++a)
      for (std::size_t b = 0; b <= a; ++b)
        file_.pair.push_back(read_table(
            "r phi(r) of " + file_.elements[a].name + "-" + file_.elements[b].name, file_.n_r));
  }

  /// Exactly n numbers, and then the end of the line. What follows a damaged table cannot be told apart: its faults end the reading.
  std::vector<double> read_table(const std::string& what, int n) {
    std::vector<double> values;
    values.reserve(static_cast<std::size_t>(n));
    Token token;
    for (int k = 1; k <= n; ++k) {
      if (!scanner_.next_anywhere(token)) {
        faults_.add(scanner_.end_of_line(),
                    fmt::format("the file ends after {} of {} numbers of {}", k - 1, n, what));
        break;
      }
      const auto number = io::parse_real(token.text);
      if (!number)
        faults_.add(token, fmt::format("found {}, expected number {} of {} of {}: a finite number",
                                       in_quotes(token.text), k, n, what));
      values.push_back(number.value_or(0));
    }
    if (scanner_.next(token))
      faults_.add(token,
                  fmt::format("found {}, expected the end of the line after the {} numbers of {}",
                              in_quotes(token.text), n, what));
    faults_.check();
    return values;
  }

  io::Faults faults_;
  io::Scanner scanner_;
  EamFile file_;
};

bool ends_with(const std::string& text, std::string_view end) {
  return text.size() > end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

}  // namespace

std::optional<EamFormat> eam_format(std::string_view name) {
  if (name == "funcfl") return EamFormat::funcfl;
  if (name == "alloy") return EamFormat::alloy;
  if (name == "fs") return EamFormat::fs;
  return {};
}

std::optional<EamFormat> eam_format_of_file(const std::filesystem::path& file) {
  std::string name = file.filename().string();
  if (ends_with(name, ".gz")) name.resize(name.size() - 3);
  if (ends_with(name, ".eam") || ends_with(name, ".funcfl")) return EamFormat::funcfl;
  if (ends_with(name, ".alloy") || ends_with(name, ".setfl")) return EamFormat::alloy;
  if (ends_with(name, ".fs")) return EamFormat::fs;
  return {};
}

EamFile parse_eam_file(std::string_view text, const std::string& source, EamFormat format) {
  return EamReader(text, source, format).read();
}

EamFile read_eam_file(const std::filesystem::path& file, EamFormat format) {
  const std::string text = io::read_text_file(file, kMaxBytes);
  return parse_eam_file(text, file.string(), format);
}

}  // namespace r1::md
