// Places and excerpts of YAML texts, and the checks that need no parser. The parser's events are read in yaml_builder.cpp.
// SPDX-License-Identifier: Apache-2.0
#include "io/yaml.hpp"

#include "core/text.hpp"
#include "io/yaml_builder.hpp"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <sstream>

namespace r1::io {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kMostTabFaults = 20;

YamlFault fault_at(const std::shared_ptr<const YamlSource>& source, std::size_t offset,
                   std::string message) {
  YamlFault fault;
  fault.place = {source, offset};
  fault.message = std::move(message);
  return fault;
}

/// A window of `line` around its code point `column` (from 1) with a caret below, for lines of any length.
std::string excerpt(std::string_view line, std::size_t column) {
  constexpr std::size_t kBefore = 70;
  constexpr std::size_t kWidth = 110;
  std::vector<std::string> points;  // of the window
  const std::size_t first = column > kBefore ? column - kBefore : 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < line.size() && count <= first + kWidth;) {
    std::size_t next = i + 1;
    while (next < line.size() && (static_cast<unsigned char>(line[next]) & 0xC0U) == 0x80U) ++next;
    if (count >= first) points.push_back(shortened(line.substr(i, next - i), 1));
    if (line[i] == '\t' && !points.empty()) points.back() = "\t";
    i = next;
    ++count;
  }
  std::string text = first > 0 ? "  ..." : "  ";
  std::string caret(text.size(), ' ');
  for (std::size_t i = 0; i < std::min(points.size(), kWidth); ++i) {
    text += points[i];
    if (first + i + 1 < column) caret += points[i] == "\t" ? '\t' : ' ';
  }
  return text + (points.size() > kWidth ? "...\n" : "\n") + caret + '^';
}

/// Bytes that no file of ours holds: what is not UTF-8, and controls (yaml-cpp takes byte 4 for the end of the file).
std::optional<YamlFault> bad_byte(const std::shared_ptr<const YamlSource>& source) {
  const std::string& text = source->text();
  const auto control = std::find_if(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t' && c != '\n' && c != '\r') || byte == 0x7F;
  });
  const auto offset = static_cast<std::size_t>(control - text.begin());
  const std::size_t invalid = first_invalid_utf8(text);
  if (control == text.end() && invalid == std::string_view::npos) return std::nullopt;
  if (invalid < offset)
    return fault_at(source, invalid, "this is not UTF-8: save the file in that encoding");
  if (*control == '\0')
    return fault_at(source, offset, "found a NUL byte: this is not a text file in UTF-8");
  return fault_at(source, offset,
                  fmt::format("found the control character {:#04x}, expected plain text",
                              static_cast<unsigned char>(*control)));
}

/// Tabs before the first other character of a line that is neither empty nor a comment.
std::vector<YamlFault> tabs(const std::shared_ptr<const YamlSource>& source) {
  std::vector<YamlFault> faults;
  const std::string_view text = source->text();
  for (std::size_t start = 0; start < text.size() && faults.size() < kMostTabFaults;) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    const auto line = text.substr(start, end - start);
    const auto content = line.find_first_not_of(" \t\r");
    const auto tab = line.find('\t');
    if (content != std::string_view::npos && line[content] != '#' && tab < content)
      faults.push_back(
          fault_at(source, start + tab, "a tab in the indentation: YAML wants spaces"));
    start = end + 1;
  }
  return faults;
}

std::vector<YamlFault> faults_of_bytes(const std::shared_ptr<const YamlSource>& source) {
  if (source->text().size() > YamlLimits::kBytes)
    return {fault_at(source, 0,
                     fmt::format("{} bytes, expected at most {}: keep data in files of their own",
                                 source->text().size(), YamlLimits::kBytes))};
  if (auto fault = bad_byte(source)) return {*fault};
  return tabs(source);
}

YamlFault syntax_fault(const std::shared_ptr<const YamlSource>& source,
                       const YAML::Exception& error) {
  const std::size_t end = source->text().size();
  const std::size_t offset = error.mark.is_null() || error.mark.pos < 0
                                 ? 0
                                 : std::min(static_cast<std::size_t>(error.mark.pos), end);
  std::string message = "YAML syntax: " + shortened(error.msg, 200);
  if (error.msg == YAML::ErrorMsg::MAP_VALUE || error.msg == YAML::ErrorMsg::END_OF_MAP)
    message += " (indentation, or a ':' too many?)";
  return fault_at(source, offset, std::move(message));
}

}  // namespace

YamlSource::YamlSource(Kind kind, std::string name, std::string text)
    : kind_(kind), name_(std::move(name)), text_(std::move(text)) {
  if (text_.compare(0, kByteOrderMark.size(), kByteOrderMark) == 0)
    text_.erase(0, kByteOrderMark.size());
  line_starts_.push_back(0);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
}

std::size_t YamlSource::line_index(std::size_t offset) const {
  const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
  return static_cast<std::size_t>(after - line_starts_.begin()) - 1;
}

std::string_view YamlSource::line(std::size_t index) const {
  const std::size_t start = line_starts_[index];
  const std::size_t end = index + 1 < line_starts_.size() ? line_starts_[index + 1] : text_.size();
  std::string_view line = std::string_view(text_).substr(start, end - start);
  while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
  return line;
}

YamlSource::LineColumn YamlSource::line_column(std::size_t offset) const {
  offset = std::min(offset, text_.size());
  const std::size_t index = line_index(offset);
  const std::size_t start = line_starts_[index];
  return {index, code_points(std::string_view(text_).substr(start, offset - start)) + 1};
}

Diagnostic YamlSource::diagnostic(std::size_t offset, std::string message) const {
  Diagnostic result{name_, 0, 0, std::move(message), {}};
  if (kind_ != Kind::file) return result;
  const LineColumn place = line_column(offset);
  result.line = static_cast<int>(place.index) + 1;
  result.column = static_cast<int>(place.column);
  result.excerpt = excerpt(line(place.index), place.column);
  return result;
}

std::string YamlSource::position(std::size_t offset) const {
  if (kind_ != Kind::file) return name_;
  const LineColumn place = line_column(offset);
  return fmt::format("{}:{}", place.index + 1, place.column);
}

const YamlEntry* YamlNode::find(std::string_view key) const {
  for (const auto& entry : entries)
    if (entry.key == key) return &entry;
  return nullptr;
}

YamlEntry* YamlNode::find(std::string_view key) {
  return const_cast<YamlEntry*>(static_cast<const YamlNode*>(this)->find(key));
}

YamlDocument parse_yaml(const std::shared_ptr<const YamlSource>& source) {
  YamlDocument result;
  result.faults = faults_of_bytes(source);
  if (!result.faults.empty()) return result;
  YamlBuilder builder(source, result.faults);
  try {
    std::istringstream stream(source->text());
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) {
      result.faults.push_back(fault_at(source, 0, "the file is empty, expected a mapping"));
      return result;
    }
    YamlEndCheck end(source, result.faults);
    parser.HandleNextDocument(end);
    result.root = builder.take_root();
  } catch (const YamlStop&) {
    return result;
  } catch (const YAML::Exception& error) {
    result.faults.push_back(syntax_fault(source, error));
  } catch (const std::exception& error) {
    result.faults.push_back(
        fault_at(source, 0, std::string("YAML cannot be read: ") + error.what()));
  }
  return result;
}

}  // namespace r1::io
