// SPDX-License-Identifier: Apache-2.0
#include "apps/parallel.hpp"

#include "apps/exit_codes.hpp"
#include "apps/host_threads.hpp"

#include <Kokkos_Core.hpp>

#include <chrono>
#include <iostream>
#include <set>
#include <thread>

namespace r1::apps {
namespace {

using Clock = std::chrono::steady_clock;

/// Lines of the map that are worth a screen.
constexpr std::size_t kMostMapLines = 64;
/// So long a rank that fails waits for rank 0 to say the same.
constexpr std::chrono::seconds kPatience{1};

/// The GPU of this rank, by its number on the host; none where the device is the host.
std::optional<int> choose_gpu(const Communicator& world, GpuSharing sharing) {
  const int gpus = Kokkos::num_devices();
  if (kDeviceIsHost || gpus < 0) return std::nullopt;
  if (gpus == 0)
    throw CommError("no GPU is visible on host " + world.host() +
                    ", but this build computes on one; ask the launcher for GPUs, or use a build "
                    "for the host");
  if (world.node_size() > gpus && sharing == GpuSharing::refused)
    throw CommError(std::to_string(world.node_size()) + " ranks on host " + world.host() + " see " +
                    std::to_string(gpus) +
                    " GPU(s); start at most one rank per GPU, let every rank see all GPUs of its "
                    "host, or allow sharing with --share-gpu");
  return world.node_rank() % gpus;
}

Kokkos::InitializationSettings settings_for(std::optional<int> threads, std::optional<int> gpu) {
  Kokkos::InitializationSettings settings;
  if (threads) settings.set_num_threads(*threads);
  if (gpu) settings.set_device_id(*gpu);
  settings.set_disable_warnings(true);  // they are for programs that leave threads to chance
  return settings;
}

/// Kokkos from here to the end of the scope, from settings instead of the command line.
class KokkosScope {
 public:
  explicit KokkosScope(const Kokkos::InitializationSettings& settings) {
    Kokkos::initialize(settings);
  }
  ~KokkosScope() { Kokkos::finalize(); }
  KokkosScope(const KokkosScope&) = delete;
  KokkosScope& operator=(const KokkosScope&) = delete;
};

/// Cores that the threads of this rank may use, together.
std::string cores_of_threads(int threads) {
  std::vector<std::vector<int>> of_thread(static_cast<std::size_t>(threads));
  auto* cores = of_thread.data();
  Kokkos::parallel_for("cores_of_threads",
                       Kokkos::RangePolicy<HostExec, Kokkos::Schedule<Kokkos::Static>>(0, threads),
                       [=](int i) { cores[i] = allowed_cores(); });
  std::set<int> all;
  for (const auto& one : of_thread) all.insert(one.begin(), one.end());
  return core_list({all.begin(), all.end()});
}

/// Which rank runs where, once.
void log_map(const Communicator& world, const Log& log, int threads, std::optional<int> gpu) {
  const std::string device =
      gpu ? "GPU " + std::to_string(*gpu) + " (" + Exec::name() + ")" : Exec::name();
  const std::string here = "rank " + std::to_string(world.rank()) + ": host " + world.host() +
                           ", " + device + ", " + std::to_string(threads) +
                           (threads == 1 ? " thread" : " threads") + ", cores " +
                           cores_of_threads(threads);
  const auto lines = world.gather(std::span<const char>(here.data(), here.size()));
  if (world.rank() != 0) return;
  log.info(world.description());
  for (std::size_t r = 0; r < lines.size(); ++r)
    log.write(r < kMostMapLines ? LogLevel::info : LogLevel::debug,
              std::string(lines[r].begin(), lines[r].end()));
  if (lines.size() > kMostMapLines) log.info("... (--log-level debug lists all ranks)");
}

/// All ranks know of it, and leave in an orderly way.
int fail_together(std::string_view program, const Communicator& world, const Failure& failure) {
  if (world.rank() == 0) std::cerr << program << ": " << failure.message << '\n';
  return failure.code;
}

/// A rank that fails alone says where it is. Those that fail together leave the word to rank 0, which ends them in the meantime.
int fail_alone(std::string_view program, const Communicator& world, const Failure& failure) {
  if (world.size() == 1) return fail_together(program, world, failure);
  if (world.rank() > 0) std::this_thread::sleep_for(kPatience);
  std::cout.flush();
  std::cerr << std::string(program) + ": rank " + std::to_string(world.rank()) + " on host " +
                   world.host() + ": " + failure.message + '\n'
            << std::flush;
  world.abort(failure.code);
}

int on_device(const Command& command, const Communicator& world, Clock::time_point started,
              const std::function<int(const Parallel&)>& body) {
  auto situation = thread_situation(command.threads);
  situation.ranks_on_host = world.node_size();
  const auto gpu = choose_gpu(world, command.gpu_sharing);
  const KokkosScope kokkos(settings_for(threads_of_rank(situation), gpu));
  const int threads = HostExec().concurrency();
  const Log log = Log::to_stderr(command.log_level, command.color, world.rank());
  log_map(world, log, threads, gpu);
  const auto on_host = static_cast<unsigned>(threads * world.node_size());
  if (kDeviceIsHost && on_host > std::thread::hardware_concurrency())
    log.info(std::to_string(on_host) + " threads share " +
             std::to_string(std::thread::hardware_concurrency()) + " cores on host " +
             world.host() + ", which is slow; use fewer ranks, or --threads");
  return body({world, log, threads, started});
}

}  // namespace

int run_parallel(std::string_view program, const Command& command, int argc, char** argv,
                 const std::function<int(const Parallel&)>& body) {
  const auto started = Clock::now();
  bind_threads(command.threads, argv);
  const CommScope mpi(argc, argv);
  const Communicator world = mpi.world();
  try {
    return on_device(command, world, started, body);
  } catch (const ConfigError&) {
    return fail_together(program, world, Failure::current());
  } catch (const NumericError&) {
    return fail_together(program, world, Failure::current());
  } catch (const Error& error) {
    const auto failure = Failure::current();
    return error.agreed() ? fail_together(program, world, failure)
                          : fail_alone(program, world, failure);
  } catch (...) {
    return fail_alone(program, world, Failure::current());
  }
}

int run_alone(const std::function<int()>& body) {
  const KokkosScope kokkos(settings_for(1, std::nullopt));
  return body();
}

}  // namespace r1::apps
