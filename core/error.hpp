// Errors of the library: one root type with its source location and a chain of contexts; further kinds exist only where a
// caller acts on them. A message says what was found, what was expected and what to do.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1 {

/// A line of our own source. The builtins stand in for std::source_location, which clang 14 lacks.
struct SourceLocation {
  const char* file;
  int line;
  static constexpr SourceLocation here(const char* file = __builtin_FILE(),
                                       int line = __builtin_LINE()) {
    return {file, line};
  }
};

/// Root of every error that r1 throws. what() is the message, preceded by its contexts ("reading a.xyz: ...").
class Error : public std::runtime_error {
 public:
  explicit Error(std::string message, SourceLocation where = SourceLocation::here());

  /// Prepends what the program was doing, e.g. "reading lj.data"; returns *this so that a catch block can rethrow.
  Error& add_context(std::string_view doing);
  const char* what() const noexcept override { return message_.c_str(); }
  SourceLocation where() const { return where_; }

  /// Whether every rank throws this error: then all end in an orderly way, and one of them reports it.
  bool agreed() const { return agreed_; }
  void mark_agreed() { agreed_ = true; }

 private:
  std::string message_;
  SourceLocation where_;
  bool agreed_ = false;
};

/// One fault of a user's file. line and column count from 1; 0 means that the fault has none.
struct Diagnostic {
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  std::string excerpt;  // the offending line with a caret below it, or empty

  /// "input.yaml:14:7: error: message", then the excerpt if there is one.
  std::string text() const;
};

/// Invalid input (exit code 3): carries all faults that were found, in the order of the file.
class ConfigError : public Error {
 public:
  explicit ConfigError(std::vector<Diagnostic> faults,
                       SourceLocation where = SourceLocation::here());
  const std::vector<Diagnostic>& faults() const { return faults_; }

 private:
  std::vector<Diagnostic> faults_;
};

// The kinds below spell their constructor: nvcc 13 crashes on an inherited one with this default argument.

/// A system call on a file failed (exit code 5). The message names path, operation and errno's text.
class IoError : public Error {
 public:
  explicit IoError(std::string message, SourceLocation where = SourceLocation::here())
      : Error(std::move(message), where) {}
};

/// The parallel environment failed: MPI, launcher, GPU (exit code 7).
class CommError : public Error {
 public:
  explicit CommError(std::string message, SourceLocation where = SourceLocation::here())
      : Error(std::move(message), where) {}
};

/// Physics or numerics stopped the run: NaN, lost atoms, diverged loss (exit code 4). Thrown on all ranks alike.
class NumericError : public Error {
 public:
  explicit NumericError(std::string message, SourceLocation where = SourceLocation::here())
      : Error(std::move(message), where) {}
};

/// A mistake on the command line (exit code 2).
class CommandLineError : public Error {
 public:
  explicit CommandLineError(std::string message, SourceLocation where = SourceLocation::here())
      : Error(std::move(message), where) {}
};

/// A checkpoint is damaged, of another run, or missing where there must be one (exit code 6).
class CheckpointError : public Error {
 public:
  explicit CheckpointError(std::string message, SourceLocation where = SourceLocation::here())
      : Error(std::move(message), where) {}
};

/// Throws Error for a broken invariant; use R1_ASSERT, which adds expression and place.
[[noreturn]] void assertion_failed(const char* expression, SourceLocation where);

}  // namespace r1

/// Broken invariants of our own code, on host paths that are not hot. Never for bad input.
#define R1_ASSERT(expression) \
  ((expression) ? (void)0 : ::r1::assertion_failed(#expression, ::r1::SourceLocation::here()))
