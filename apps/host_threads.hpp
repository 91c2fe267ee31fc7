// Threads of a rank on the host: how many, and where they run. The OpenMP library reads its environment when it is loaded, before
// main(): a program that wants its threads bound must set it and start again.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace r1::apps {

/// "0-3,8" for cores 0, 1, 2, 3 and 8; ascending.
std::string core_list(const std::vector<int>& cores);
/// Cores that the calling thread may use, ascending.
std::vector<int> allowed_cores();

/// What the choice depends on.
struct ThreadSituation {
  std::optional<int> asked;        // on the command line
  std::optional<int> environment;  // OMP_NUM_THREADS
  int ranks_on_host = 1;
};
/// As asked; else as OMP_NUM_THREADS says; else 1 where the rank is not alone on its host, and none where it is: all cores.
std::optional<int> threads_of_rank(const ThreadSituation& situation);

/// The situation before MPI has started; the number of ranks is the launcher's word.
ThreadSituation thread_situation(std::optional<int> asked);

/// Sets OMP_PROC_BIND unless the user has: "spread", and starts the program again, for several threads of a rank that is alone on
/// its host and has a core for each; else "false". Before MPI and Kokkos.
void bind_threads(std::optional<int> asked, char** argv);

}  // namespace r1::apps
