// SPDX-License-Identifier: Apache-2.0
#include "comm/agree.hpp"

#include <exception>
#include <filesystem>
#include <new>
#include <optional>

namespace r1 {
namespace {

enum class Kind : int { command_line, config, io, comm, numeric, no_checkpoint, other };

/// An error as text, to be sent.
struct Packed {
  Kind kind;
  std::string text;
};

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

Packed packed_current() {
  try {
    throw;
  } catch (const ConfigError& error) {
    return {Kind::config, packed(error.faults())};
  } catch (const CommandLineError& error) {
    return {Kind::command_line, error.what()};
  } catch (const IoError& error) {
    return {Kind::io, error.what()};
  } catch (const CommError& error) {
    return {Kind::comm, error.what()};
  } catch (const NumericError& error) {
    return {Kind::numeric, error.what()};
  } catch (const CheckpointError& error) {
    return {Kind::no_checkpoint, error.what()};
  } catch (const std::filesystem::filesystem_error& error) {
    return {Kind::io, error.what()};
  } catch (const std::bad_alloc&) {
    return {Kind::other, "out of memory; use more ranks or hosts"};
  } catch (const std::exception& error) {
    return {Kind::other, error.what()};
  }
}

template <class E>
[[noreturn]] void throw_agreed(E error) {
  error.mark_agreed();
  throw error;
}

[[noreturn]] void throw_unpacked(const Packed& error, const std::string& prefix) {
  switch (error.kind) {
    case Kind::command_line:
      throw_agreed(CommandLineError(prefix + error.text));
    case Kind::config:
      throw_agreed(ConfigError(unpacked(error.text)));
    case Kind::io:
      throw_agreed(IoError(prefix + error.text));
    case Kind::comm:
      throw_agreed(CommError(prefix + error.text));
    case Kind::numeric:
      throw_agreed(NumericError(prefix + error.text));
    case Kind::no_checkpoint:
      throw_agreed(CheckpointError(prefix + error.text));
    case Kind::other:
      break;
  }
  throw_agreed(Error(prefix + error.text));
}

}  // namespace

void agree(const Communicator& comm, const std::function<void()>& work) {
  std::optional<Packed> mine;
  try {
    work();
  } catch (...) {
    mine = packed_current();
  }
  const int nobody = comm.size();
  const int first = static_cast<int>(comm.min(mine ? comm.rank() : nobody));
  if (first == nobody) return;
  auto error = mine.value_or(Packed{Kind::other, ""});
  std::string host = comm.host();
  comm.broadcast(std::span<Kind>(&error.kind, 1), first);
  comm.broadcast(error.text, first);
  comm.broadcast(host, first);
  throw_unpacked(error,
                 first == 0 ? "" : "rank " + std::to_string(first) + " on host " + host + ": ");
}

void agree_on_root(const Communicator& comm, const std::function<void()>& work) {
  agree(comm, [&] {
    if (comm.rank() == 0) work();
  });
}

}  // namespace r1
