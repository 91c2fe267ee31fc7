// The parallel part of a program: MPI and Kokkos run around it, and an error on one rank ends all of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"
#include "apps/run_app.hpp"
#include "comm/communicator.hpp"
#include "core/log.hpp"

#include <chrono>
#include <functional>
#include <string_view>

namespace r1::apps {

/// What the work gets.
struct Parallel {
  const Communicator& world;
  const Log& log;
  int threads;                                    // of this rank
  std::chrono::steady_clock::time_point started;  // the program
};

/// Starts MPI and Kokkos, runs `body` on all ranks and returns its code. ConfigError and NumericError are thrown on all ranks alike (set-up checks
/// are collective), as is one that is marked as agreed: all leave in an orderly way. Any other error may be one rank's alone: it is printed with rank and host
/// and ends the job.
int run_parallel(std::string_view program, const Command& command, int argc, char** argv,
                 const std::function<int(const Parallel&)>& body);

/// Kokkos alone, in this process: for checks that make potentials.
int run_alone(const std::function<int()>& body);

}  // namespace r1::apps
