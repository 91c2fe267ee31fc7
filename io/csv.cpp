// SPDX-License-Identifier: Apache-2.0
#include "io/csv.hpp"

#include "core/error.hpp"
#include "io/text_file.hpp"
#include "io/tokens.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

namespace r1::io {
namespace {

constexpr int kDigits = 17;

std::string header_of(const std::vector<std::string>& columns) {
  std::string line;
  for (const auto& column : columns) {
    if (!line.empty()) line += ',';
    line += column;
  }
  return line + '\n';
}

/// The lines of `text` that `keep` accepts, header included.
std::string kept_lines(const std::string& file, std::string_view text, std::string_view header,
                       std::size_t columns, const std::function<bool(std::int64_t)>& keep) {
  Faults faults(file, text);
  Scanner scanner(text);
  std::string kept(header);
  if (!scanner.next_line() || text.substr(0, header.size()) != header) {
    faults.add(scanner.whole_line(),
               fmt::format("another header, expected {}; move the file away or choose another "
                           "output directory",
                           in_quotes(header.substr(0, header.size() - 1))));
    faults.check();
  }
  while (scanner.next_line()) {
    const std::string_view line = scanner.line();
    const auto step = parse_integer(line.substr(0, line.find(',')));
    const auto commas = static_cast<std::size_t>(std::count(line.begin(), line.end(), ','));
    if (!step || commas + 1 != columns)
      faults.add(scanner.whole_line(),
                 fmt::format("expected a step and {} numbers, separated by commas", columns - 1));
    else if (keep(*step))
      kept.append(line).push_back('\n');
  }
  faults.check();
  return kept;
}

}  // namespace

void append_real(std::string& text, double value) {
  std::array<char, 32> digits;
  char* const begin = digits.data();
  // "-nan" would be another word for the same thing.
  if (std::isnan(value)) value = std::abs(value);
  const auto result =
      std::to_chars(begin, begin + digits.size(), value, std::chars_format::general, kDigits);
  text.append(begin, result.ptr);
}

CsvWriter::CsvWriter(AppendFile file, std::vector<std::string> columns)
    : file_(std::move(file)), columns_(std::move(columns)) {}

CsvWriter::CsvWriter(std::filesystem::path file, std::vector<std::string> columns)
    : CsvWriter(AppendFile(std::move(file), AppendFile::Open::replace), std::move(columns)) {
  file_.write(header_of(columns_));
}

CsvWriter CsvWriter::resume(const std::filesystem::path& file, std::vector<std::string> columns,
                            const std::function<bool(std::int64_t step)>& keep) {
  if (!std::filesystem::exists(file)) return CsvWriter(file, std::move(columns));
  const std::string header = header_of(columns);
  std::string text = read_text_file(file);
  text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);
  // Killed before the header was written.
  if (text.empty()) return CsvWriter(file, std::move(columns));
  const std::string kept = kept_lines(file.string(), text, header, columns.size(), keep);
  if (kept != text) write_file(file, kept);
  return CsvWriter(AppendFile(file, AppendFile::Open::extend), std::move(columns));
}

void CsvWriter::row(std::int64_t step, std::span<const double> values) {
  R1_ASSERT(values.size() + 1 == columns_.size());
  line_ = std::to_string(step);
  for (const double value : values) {
    line_ += ',';
    append_real(line_, value);
  }
  line_ += '\n';
  file_.write(line_);
}

}  // namespace r1::io
