// Tables for training, as CSV files (RFC 4180; plain or gzip): UTF-8, a first line with the names of the columns, then rows of as
// many cells, between commas; LF or CRLF ends a line; a cell in double quotes may hold commas, line ends, and quotes as "".
// Blanks around a cell do not count (RFC 4180 keeps them): a class 'cat' must not differ from 'cat ', and a cell of blanks is a
// missing value. Quotes keep the blanks within them.
// A column is one of numbers where each cell is a finite number, otherwise one of classes. No value may be missing.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace r1::ml {

struct CsvColumn {
  std::string name;
  std::vector<double> values;  // (rows): numbers, or indices into classes
  /// The distinct texts in ascending order of their bytes; none where the column is one of numbers.
  std::vector<std::string> classes;
};

struct CsvTable {
  std::vector<CsvColumn> columns;  // at least one; names are distinct

  std::int64_t rows() const;
  /// Null where there is none of this name.
  const CsvColumn* find(std::string_view name) const;
};

/// Throws ConfigError with the faults of `file`, IoError where a read fails.
CsvTable read_csv(const std::filesystem::path& file);
/// The same of the contents of a file; `file` is for messages.
CsvTable parse_csv(std::string_view text, const std::filesystem::path& file);

}  // namespace r1::ml
