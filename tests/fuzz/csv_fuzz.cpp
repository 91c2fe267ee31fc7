// CSV tables: columns of equal length, of finite numbers or of indices into sorted classes; written and read again they are the
// same. Or a refusal.
// SPDX-License-Identifier: Apache-2.0
#include "core/text.hpp"
#include "ml/data/csv_table.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <functional>

namespace {

using namespace r1;
using ml::CsvColumn;
using ml::CsvTable;

bool is_sound(const CsvColumn& column, std::int64_t rows) {
  const auto& classes = column.classes;
  const auto fits = [&](double value) {
    return classes.empty() ? std::isfinite(value)
                           : value >= 0 && value < static_cast<double>(classes.size()) &&
                                 value == std::floor(value);
  };
  return std::ssize(column.values) == rows &&
         std::all_of(column.values.begin(), column.values.end(), fits) &&
         std::adjacent_find(classes.begin(), classes.end(), std::greater_equal<>()) ==
             classes.end();
}

std::string cell_of(const CsvColumn& column, std::size_t row) {
  const double value = column.values[row];
  if (column.classes.empty()) return fmt::format("{}", value);
  return column.classes[static_cast<std::size_t>(value)];
}

void append_row(std::string& text, const std::vector<std::string>& cells) {
  for (const auto& cell : cells)
    text +=
        fmt::format("{}\"{}\"", &cell == &cells.front() ? "" : ",", replaced(cell, "\"", "\"\""));
  text += "\r\n";
}

std::string written(const CsvTable& table) {
  std::string text;
  std::vector<std::string> cells;
  for (const auto& column : table.columns) cells.push_back(column.name);
  append_row(text, cells);
  for (std::size_t row = 0; row < static_cast<std::size_t>(table.rows()); ++row) {
    cells.clear();
    for (const auto& column : table.columns) cells.push_back(cell_of(column, row));
    append_row(text, cells);
  }
  return text;
}

bool same(const CsvColumn& a, const CsvColumn& b) {
  return a.name == b.name && a.values == b.values && a.classes == b.classes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  CsvTable table;
  fuzz::allow_refusal([&] { table = ml::parse_csv(fuzz::text_of(data, size), "input.csv"); });
  for (const auto& column : table.columns)
    if (!is_sound(column, table.rows()) || table.find(column.name) != &column) std::abort();
  if (table.columns.empty()) return 0;
  // No refusal is allowed here.
  const auto again = ml::parse_csv(written(table), "again.csv");
  if (!std::equal(table.columns.begin(), table.columns.end(), again.columns.begin(),
                  again.columns.end(), same))
    std::abort();
  return 0;
}
