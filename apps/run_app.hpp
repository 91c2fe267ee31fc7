// What every program does around its work: errors become one message and an exit code, and all ranks end with the same one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace r1::apps {

/// How an error ends the program: its exit code and its message for people.
struct Failure {
  int code;
  std::string message;
  /// Of the exception that is being handled.
  static Failure current();
};

/// Runs `body` and returns its code; what it throws is printed to stderr. Output that could not be written is kIoFault.
int run_app(std::string_view program, const std::function<int()>& body);

}  // namespace r1::apps
