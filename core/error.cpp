// SPDX-License-Identifier: Apache-2.0
#include "core/error.hpp"

#include <utility>

namespace r1 {
namespace {

std::string joined(const std::vector<Diagnostic>& faults) {
  std::string text;
  for (const auto& fault : faults) {
    if (!text.empty()) text += '\n';
    text += fault.text();
  }
  return text;
}

}  // namespace

Error::Error(std::string message, SourceLocation where)
    : std::runtime_error(message), message_(std::move(message)), where_(where) {}

Error& Error::add_context(std::string_view doing) {
  message_ = std::string(doing) + ": " + message_;
  return *this;
}

std::string Diagnostic::text() const {
  std::string text = file;
  if (line > 0) text += ':' + std::to_string(line);
  if (line > 0 && column > 0) text += ':' + std::to_string(column);
  text += ": error: " + message;
  if (!excerpt.empty()) text += '\n' + excerpt;
  return text;
}

ConfigError::ConfigError(std::vector<Diagnostic> faults, SourceLocation where)
    : Error(joined(faults), where), faults_(std::move(faults)) {}

void assertion_failed(const char* expression, SourceLocation where) {
  throw Error(std::string("internal error: '") + expression + "' does not hold at " + where.file +
                  ':' + std::to_string(where.line) + "; please report this",
              where);
}

}  // namespace r1
