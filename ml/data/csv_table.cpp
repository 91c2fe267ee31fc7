// Two walks over the text: the first reads the numbers and finds which columns hold anything else, the second reads the classes of
// those. Cells are kept nowhere, so a table takes eight bytes a cell beside its text.
// SPDX-License-Identifier: Apache-2.0
#include "ml/data/csv_table.hpp"

#include "core/text.hpp"
#include "io/text_file.hpp"
#include "io/tokens.hpp"
#include "ml/data/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace r1::ml {
namespace {

constexpr std::size_t kMaxColumns = std::size_t{1} << 20;
constexpr std::size_t kMaxClasses = 65536;  // of a column
/// Of all columns: a distinct text of a few bytes takes a hundred, and a hostile file may have many.
constexpr std::size_t kMaxAllClasses = std::size_t{1} << 23;
constexpr std::string_view kBlanks = " \t";

struct Cell {
  enum class End { comma, line };  // the end of the text is that of a line

  io::Token where;           // as in the text, with its quotes
  std::string_view content;  // until the next cell is read
  bool quoted = false;
  End end = End::line;
};

/// Walks over the cells of a text that does not end with a line's end.
class Cells {
 public:
  Cells(std::string_view text, io::Faults& faults) : text_(text), faults_(&faults) {}

  /// The next cell; false at the end of the text, and behind a fault that leaves open where the cells are.
  bool next(Cell& cell) {
    if (done_) return false;
    skip_blanks();
    cell.quoted = starts('"');
    const bool sound = (cell.quoted ? read_quoted(cell) : read_plain(cell)) && read_end(cell);
    if (!sound) done_ = true;
    return sound;
  }

 private:
  bool starts(char c) const { return position_ < text_.size() && text_[position_] == c; }

  void skip_blanks() {
    position_ = std::min(text_.find_first_not_of(kBlanks, position_), text_.size());
  }

  io::Token token(std::size_t begin, std::size_t end) const {
    return {text_.substr(begin, end - begin), line_,
            static_cast<std::int64_t>(begin - line_begin_) + 1};
  }

  bool fail(const io::Token& where, std::string message) {
    faults_->add(where, std::move(message));
    return false;
  }

  bool read_plain(Cell& cell) {
    const auto begin = position_;
    while (position_ < text_.size() && !ends_plain(text_[position_])) ++position_;
    auto end = position_;
    while (end > begin && kBlanks.find(text_[end - 1]) != std::string_view::npos) --end;
    cell.where = token(begin, end);
    cell.content = cell.where.text;
    if (!starts('"')) return true;
    return fail(token(position_, position_ + 1),
                "found a quote within a cell, expected the whole cell in quotes, with \"\" for a "
                "quote");
  }

  static bool ends_plain(char c) { return c == ',' || c == '\n' || c == '\r' || c == '"'; }

  bool read_quoted(Cell& cell) {
    const auto begin = position_ + 1;
    const auto opening = token(position_, begin);
    const auto end = closing_quote(begin);
    if (end == std::string_view::npos)
      return fail(opening, "the quote that opens here is never closed, expected a closing quote");
    const auto inside = text_.substr(begin, end - begin);
    cell.where = {text_.substr(begin - 1, end - begin + 2), opening.line, opening.column};
    cell.content = unescaped(inside);
    line_ += std::count(inside.begin(), inside.end(), '\n');
    if (const auto last = inside.rfind('\n'); last != std::string_view::npos)
      line_begin_ = begin + last + 1;
    position_ = end + 1;
    return true;
  }

  /// Where the quote is that ends the cell whose content begins at `from`, or npos.
  std::size_t closing_quote(std::size_t from) const {
    auto at = text_.find('"', from);
    while (at != std::string_view::npos && at + 1 < text_.size() && text_[at + 1] == '"')
      at = text_.find('"', at + 2);
    return at;
  }

  std::string_view unescaped(std::string_view inside) {
    if (inside.find('"') == std::string_view::npos) return inside;
    unescaped_ = replaced(inside, "\"\"", "\"");
    return unescaped_;
  }

  /// What separates a cell from the next.
  bool read_end(Cell& cell) {
    skip_blanks();
    cell.end = starts(',') ? Cell::End::comma : Cell::End::line;
    done_ = position_ == text_.size();
    if (done_) return true;
    if (starts(',')) {
      ++position_;
      return true;
    }
    const auto found = token(position_, position_ + 1);
    if (starts('\r')) {
      ++position_;
      if (!starts('\n'))
        return fail(found,
                    "found a carriage return that no line feed follows, expected lines that end "
                    "with LF or CRLF");
    }
    if (!starts('\n'))
      return fail(found,
                  "found text behind a closing quote, expected a comma or the end of the line; a "
                  "quote within the cell is written \"\"");
    line_begin_ = ++position_;
    ++line_;
    return true;
  }

  std::string_view text_;
  io::Faults* faults_;
  std::string unescaped_;
  std::size_t position_ = 0;
  std::size_t line_begin_ = 0;
  std::int64_t line_ = 1;
  bool done_ = false;
};

/// A number of the C locale: Fortran's exponents, which parse_real knows, are none here, as "1D2" may well be a class.
std::optional<double> number_of(std::string_view content) {
  if (content.find_first_of("dD") != std::string_view::npos) return std::nullopt;
  return io::parse_real(content);
}

/// "nan", "-inf", "1e999": what takes a column of numbers to be one, and has no place there.
bool is_not_finite(std::string_view content) {
  if (content.starts_with('+')) content.remove_prefix(1);
  const char* end = content.data() + content.size();
  double value = 0;
  const auto [stop, error] = std::from_chars(content.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument) return false;
  return error == std::errc::result_out_of_range || !std::isfinite(value);
}

std::string in_quotes(std::string_view text) { return fmt::format("'{}'", shortened(text, 40)); }

/// What the first walk finds in a column beside numbers.
struct Survey {
  std::optional<io::Token> text;  // the first cell that is no number: the column is one of classes
  std::optional<io::Token> not_finite;  // the first such cell
};

/// Distinct texts and their order of appearance. A map that hashes could be made slow by a hostile file.
using Classes = std::map<std::string, std::size_t, std::less<>>;

class TableReader {
 public:
  TableReader(std::string_view text, const std::filesystem::path& file)
      : text_(text), faults_(file.string(), text) {}

  CsvTable read() {
    Cells cells(text_, faults_);
    read_header(cells);
    faults_.check();
    read_numbers(cells);
    faults_.check();
    read_classes(cells);
    faults_.check();
    return {std::move(columns_)};
  }

 private:
  void read_header(Cells& cells) {
    std::map<std::string, std::size_t, std::less<>> places;
    std::optional<io::Token> number;
    Cell cell;
    do {
      if (!cells.next(cell)) return;
      add_column(cell, places);
      if (!number && !cell.quoted && number_of(cell.content)) number = cell.where;
    } while (cell.end == Cell::End::comma);
    surveys_.resize(columns_.size());
    if (number)
      faults_.add(*number,
                  fmt::format("found the number {} in the header, expected the names of the "
                              "columns in the first line; put a name that is a number in quotes",
                              in_quotes(number->text)));
    if (columns_.size() == 1 && !cell.quoted &&
        cell.content.find_first_of(";\t") != std::string_view::npos)
      faults_.add(cell.where,
                  "found one column, with semicolons or tabs in its name, expected commas between "
                  "columns; put the name in quotes if it is one");
  }

  void add_column(const Cell& cell, std::map<std::string, std::size_t, std::less<>>& places) {
    if (columns_.size() == kMaxColumns) {
      faults_.add(cell.where, fmt::format("found more than {} columns, the most that are accepted",
                                          kMaxColumns));
      faults_.check();
    }
    CsvColumn column{std::string(cell.content), {}, {}};
    const auto [known, is_new] = places.emplace(column.name, columns_.size() + 1);
    if (column.name.empty())
      faults_.add(cell.where,
                  fmt::format("column {} has no name, expected one", columns_.size() + 1));
    else if (!is_new)
      faults_.add(cell.where,
                  fmt::format("columns {} and {} are both named {}, expected distinct names",
                              known->second, columns_.size() + 1, in_quotes(column.name)));
    columns_.push_back(std::move(column));
  }

  /// A sound table has at least two bytes for each cell, and a line end for each row.
  std::size_t most_rows() const {
    const auto lines = static_cast<std::size_t>(std::count(text_.begin(), text_.end(), '\n'));
    return std::min(lines, text_.size() / (2 * columns_.size()));
  }

  void read_numbers(Cells cells) {
    const auto rows = most_rows();
    for (auto& column : columns_) column.values.reserve(rows);
    Cell cell;
    std::size_t at = 0;
    while (cells.next(cell)) {
      if (at < columns_.size()) take_number(at, cell);
      ++at;
      if (cell.end == Cell::End::comma) continue;
      if (at != columns_.size()) refuse_row(at, cell);
      at = 0;
    }
    for (std::size_t k = 0; k < columns_.size(); ++k)
      if (const auto& [text, not_finite] = surveys_[k]; !text && not_finite)
        faults_.add(*not_finite,
                    fmt::format("found {} in column {}, which is otherwise of numbers, expected a "
                                "finite number",
                                in_quotes(not_finite->text), in_quotes(columns_[k].name)));
  }

  void take_number(std::size_t at, const Cell& cell) {
    auto& [text, not_finite] = surveys_[at];
    auto& column = columns_[at];
    const bool alone = at == 0 && cell.end == Cell::End::line;  // a blank line: refuse_row
    if (cell.content.empty()) {
      if (!alone || columns_.size() == 1)
        faults_.add(cell.where, fmt::format("column {} has a missing value in line {}, expected a "
                                            "number or a class; fill it in or remove the row",
                                            in_quotes(column.name), cell.where.line));
      return;
    }
    if (text) return;
    if (const auto number = number_of(cell.content)) {
      column.values.push_back(*number);
    } else if (is_not_finite(cell.content)) {
      column.values.push_back(0);
      if (!not_finite) not_finite = cell.where;
    } else {
      text = cell.where;
      column.values.clear();
    }
  }

  void refuse_row(std::size_t cells, const Cell& last) {
    const auto found =
        cells == 1 && last.content.empty()
            ? "found a blank line"
            : fmt::format("the row that ends here has {} cell{}", cells, cells == 1 ? "" : "s");
    faults_.add(last.where,
                fmt::format("{}, expected {} cells, as the header has", found, columns_.size()));
  }

  void read_classes(Cells cells) {
    std::vector<Classes> classes(columns_.size());
    const auto is_class = [](const Survey& survey) { return survey.text.has_value(); };
    if (std::none_of(surveys_.begin(), surveys_.end(), is_class)) return;
    Cell cell;
    for (std::size_t at = 0; cells.next(cell); at = cell.end == Cell::End::line ? 0 : at + 1)
      if (is_class(surveys_[at])) take_class(columns_[at], classes[at], cell);
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      if (classes[at].size() <= kMaxClasses)
        sort_classes(columns_[at], classes[at]);
      else
        faults_.add(*surveys_[at].text,
                    fmt::format("column {} looks like free text: it is one of classes because {} "
                                "is no number, and has more than {} of them, the most that are "
                                "accepted",
                                in_quotes(columns_[at].name), in_quotes(surveys_[at].text->text),
                                kMaxClasses));
    }
  }

  /// One class too many is kept as the mark of a column that has too many.
  void take_class(CsvColumn& column, Classes& classes, const Cell& cell) {
    if (classes.size() > kMaxClasses) return;
    auto known = classes.find(cell.content);
    if (known == classes.end()) {
      known = classes.emplace(cell.content, classes.size()).first;
      if (++all_classes_ > kMaxAllClasses) {
        faults_.add(cell.where, fmt::format("the columns that are not of numbers have more than {} "
                                            "classes together, the most that are accepted",
                                            kMaxAllClasses));
        faults_.check();
      }
    }
    column.values.push_back(static_cast<double>(known->second));
  }

  /// From the order of appearance to that of the texts.
  static void sort_classes(CsvColumn& column, const Classes& classes) {
    std::vector<double> rank(classes.size());
    for (const auto& [text, appearance] : classes) {
      rank[appearance] = static_cast<double>(column.classes.size());
      column.classes.push_back(text);
    }
    if (classes.empty()) return;
    for (auto& value : column.values) value = rank[static_cast<std::size_t>(value)];
  }

  std::string_view text_;
  io::Faults faults_;
  std::vector<CsvColumn> columns_;
  std::vector<Survey> surveys_;  // one for each column
  std::size_t all_classes_ = 0;
};

}  // namespace

std::int64_t CsvTable::rows() const {
  return columns.empty() ? 0 : std::ssize(columns.front().values);
}

const CsvColumn* CsvTable::find(std::string_view name) const {
  const auto found = std::find_if(columns.begin(), columns.end(),
                                  [&](const CsvColumn& column) { return column.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

CsvTable parse_csv(std::string_view text, const std::filesystem::path& file) {
  require_utf8(text, file);
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  // Blank lines at the end are no rows.
  const auto last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos)
    throw ConfigError(
        {Diagnostic{file.string(), 0, 0,
                    "is empty, expected a header line with the names of the columns", ""}});
  return TableReader(text.substr(0, last + 1), file).read();
}

CsvTable read_csv(const std::filesystem::path& file) {
  return parse_csv(io::read_text_file(file), file);
}

}  // namespace r1::ml
