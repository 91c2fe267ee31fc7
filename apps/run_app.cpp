// SPDX-License-Identifier: Apache-2.0
#include "apps/run_app.hpp"

#include "apps/command_line.hpp"
#include "apps/exit_codes.hpp"

#include <exception>
#include <filesystem>
#include <iostream>
#include <new>

namespace r1::apps {
namespace {

/// The faults start on a line of their own, so that editors find "file:line:column: error: ..." there.
std::string counted(const ConfigError& error) {
  const auto faults = error.faults().size();
  return (faults == 1 ? std::string("a fault") : std::to_string(faults) + " faults") +
         " in the input; nothing was run\n" + error.what();
}

}  // namespace

Failure Failure::current() {
  const auto plain = [](int code, const std::exception& error) {
    return Failure{code, std::string("error: ") + error.what()};
  };
  try {
    throw;
  } catch (const CommandLineError& error) {
    return plain(kCommandLineFault, error);
  } catch (const ConfigError& error) {
    return {kInvalidInput, counted(error)};
  } catch (const NumericError& error) {
    return plain(kNumericStop, error);
  } catch (const IoError& error) {
    return plain(kIoFault, error);
  } catch (const std::filesystem::filesystem_error& error) {
    return plain(kIoFault, error);
  } catch (const CheckpointError& error) {
    return plain(kNoCheckpoint, error);
  } catch (const CommError& error) {
    return plain(kEnvironmentFault, error);
  } catch (const std::bad_alloc&) {
    return {kInternalError,
            "error: out of memory; use more ranks or hosts (--dry-run tells how much is needed)"};
  } catch (const std::exception& error) {
    return plain(kInternalError, error);
  }
}

int run_app(std::string_view program, const std::function<int()>& body) {
  int code = kInternalError;
  try {
    code = body();
  } catch (...) {
    const auto failure = Failure::current();
    std::cerr << program << ": " << failure.message << '\n';
    return failure.code;
  }
  std::cout.flush();
  if (!std::cout && code == kDone) {
    std::cerr << program << ": error: the standard output could not be written\n";
    return kIoFault;
  }
  return code;
}

}  // namespace r1::apps
