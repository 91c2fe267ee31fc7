// The parallel part of a program: MPI and Kokkos run around it, and an error on one rank ends all of them.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "apps/command_line.hpp"
#include "apps/run_app.hpp"
#include "comm/communicator.hpp"
#include "core/log.hpp"

#include <functional>
#include <string_view>

namespace r1::apps {

/// What the work gets.
struct Parallel {
  const Communicator& world;
  const Log& log;
  int threads;  // of this rank
};

/// An error that all ranks know of: rank 0 prints it, and all leave in an orderly way.
class AgreedFailure : public Error {
 public:
  explicit AgreedFailure(Failure failure, SourceLocation where = SourceLocation::here())
      : Error(failure.message, where), failure_(std::move(failure)) {}
  const Failure& failure() const { return failure_; }

 private:
  Failure failure_;
};

/// Starts MPI and Kokkos, runs `body` on all ranks and returns its code. A ConfigError is thrown on all ranks alike (set-up checks
/// are collective) and ends like an AgreedFailure. Any other error may be one rank's alone: it is printed with rank and host
/// and ends the job.
int run_parallel(std::string_view program, const Command& command, int argc, char** argv,
                 const std::function<int(const Parallel&)>& body);

/// Kokkos alone, in this process: for checks that make potentials.
int run_alone(const std::function<int()>& body);

/// Runs `work`, in which ranks do not talk to each other. If it throws on some rank, all ranks throw AgreedFailure with the error of
/// the lowest such rank. Collective.
void agree(const Communicator& world, const std::function<void()>& work);

}  // namespace r1::apps
