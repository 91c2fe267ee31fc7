// SPDX-License-Identifier: Apache-2.0
#include "apps/host_threads.hpp"

#include <algorithm>
#include <cstdlib>
#include <sched.h>
#include <unistd.h>

namespace r1::apps {
namespace {

std::optional<int> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  char* end = nullptr;
  const long value = std::strtol(text, &end, 10);
  // OMP_NUM_THREADS may be a list, one number per level of nesting; the first counts.
  if (end == text || value < 1 || value > 1'000'000) return std::nullopt;
  return static_cast<int>(value);
}

int launched_ranks_on_host() {
  for (const char* variable : {"OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMIX_LOCAL_SIZE",
                               "SLURM_NTASKS_PER_NODE"})
    if (const auto ranks = number_in(variable)) return *ranks;
  const auto tasks = number_in("SLURM_STEP_NUM_TASKS");
  const auto nodes = number_in("SLURM_STEP_NUM_NODES");
  if (tasks) return std::max(1, *tasks / nodes.value_or(1));
  // A launcher that does not say: perhaps not alone.
  return std::getenv("PMI_RANK") != nullptr || std::getenv("PMIX_RANK") != nullptr ? 2 : 1;
}

}  // namespace

std::string core_list(const std::vector<int>& cores) {
  std::string text;
  for (std::size_t k = 0; k < cores.size(); ++k) {
    const std::size_t first = k;
    while (k + 1 < cores.size() && cores[k + 1] == cores[k] + 1) ++k;
    if (!text.empty()) text += ',';
    text += std::to_string(cores[first]);
    if (k > first) text += '-' + std::to_string(cores[k]);
  }
  return text;
}

std::vector<int> allowed_cores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> cores;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
  for (int core = 0; core < CPU_SETSIZE; ++core)
    if (CPU_ISSET(core, &set) != 0) cores.push_back(core);
  return cores;
}

std::optional<int> threads_of_rank(const ThreadSituation& situation) {
  if (situation.asked) return situation.asked;
  if (situation.environment) return situation.environment;
  if (situation.ranks_on_host > 1) return 1;
  return std::nullopt;
}

ThreadSituation thread_situation(std::optional<int> asked) {
  return {asked, number_in("OMP_NUM_THREADS"), launched_ranks_on_host()};
}

void bind_threads(std::optional<int> asked, char** argv) {
  if (std::getenv("OMP_PROC_BIND") != nullptr) return;
  const auto situation = thread_situation(asked);
  const auto cores = static_cast<int>(allowed_cores().size());
  const int threads = threads_of_rank(situation).value_or(cores);
  // Ranks that share a host may share their cores, too: bound threads would pile up on the first ones.
  const bool bind = threads > 1 && situation.ranks_on_host == 1 && threads <= cores;
  setenv("OMP_PROC_BIND", bind ? "spread" : "false", 1);
  if (!bind) return;
  setenv("OMP_PLACES", "threads", 0);
  setenv("OMP_NUM_THREADS", std::to_string(threads).c_str(), 1);
  execv("/proc/self/exe", argv);
  setenv("OMP_PROC_BIND", "false", 1);  // it could not be started again: threads stay unbound
}

}  // namespace r1::apps
