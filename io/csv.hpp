// Time series as CSV: a header line, then rows of a step and real numbers with 17 significant digits, which read back as the same
// doubles. Each row is one append, so that a killed program leaves whole lines.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "io/write_file.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace r1::io {

/// Appends `value` with 17 significant digits, as printf's %.17g in the C locale; "nan", "inf", "-inf".
void append_real(std::string& text, double value);

class CsvWriter {
 public:
  /// Starts an empty file with the header; `columns` begins with the step's name.
  CsvWriter(std::filesystem::path file, std::vector<std::string> columns);

  /// Continues an existing file: keeps the rows whose step `keep` accepts and drops the others and an incomplete last line.
  /// A header of other columns, or a row that does not fit it, is a ConfigError. A missing file is started.
  static CsvWriter resume(const std::filesystem::path& file, std::vector<std::string> columns,
                          const std::function<bool(std::int64_t step)>& keep);

  /// values: (columns - 1)
  void row(std::int64_t step, std::span<const double> values);
  void sync() { file_.sync(); }
  void close() { file_.close(); }

 private:
  CsvWriter(AppendFile file, std::vector<std::string> columns);

  AppendFile file_;
  std::vector<std::string> columns_;
  std::string line_;
};

}  // namespace r1::io
