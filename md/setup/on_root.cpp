// SPDX-License-Identifier: Apache-2.0
#include "md/setup/on_root.hpp"

#include <array>
#include <exception>

namespace r1::md {
namespace {

enum Outcome : int { kDone, kConfig, kIo, kOther };

// Separate the parts of a fault and the faults; they stand in no message.
constexpr char kPart = '\x1f', kFault = '\x1e';

std::string packed(const std::vector<Diagnostic>& faults) {
  std::string text;
  for (const auto& f : faults) {
    for (const auto& part :
         {f.file, std::to_string(f.line), std::to_string(f.column), f.message, f.excerpt})
      text += part + kPart;
    text += kFault;
  }
  return text;
}

std::vector<Diagnostic> unpacked(const std::string& text) {
  std::vector<Diagnostic> faults;
  std::array<std::string, 5> part;
  std::size_t k = 0;
  for (const char c : text) {
    if (c == kFault) {
      faults.push_back({part[0], std::stoi(part[1]), std::stoi(part[2]), part[3], part[4]});
      part = {};
      k = 0;
    } else if (c == kPart) {
      ++k;
    } else if (k < part.size()) {
      part[k] += c;
    }
  }
  return faults;
}

}  // namespace

void on_root(const Communicator& comm, const std::function<void()>& work) {
  int outcome = kDone;
  std::string text;
  std::exception_ptr thrown;
  if (comm.rank() == 0) {
    try {
      work();
    } catch (const ConfigError& error) {
      outcome = kConfig;
      text = packed(error.faults());
      thrown = std::current_exception();
    } catch (const std::exception& error) {
      outcome = dynamic_cast<const IoError*>(&error) ? kIo : kOther;
      text = error.what();
      thrown = std::current_exception();
    }
  }
  comm.broadcast(std::span<int>(&outcome, 1));
  if (outcome == kDone) return;
  comm.broadcast(text);
  if (thrown) std::rethrow_exception(thrown);
  if (outcome == kConfig) throw ConfigError(unpacked(text));
  if (outcome == kIo) throw IoError(text);
  throw Error(text);
}

}  // namespace r1::md
