// SPDX-License-Identifier: Apache-2.0
#include "apps/signals.hpp"

#include <atomic>
#include <csignal>
#include <ctime>
#include <unistd.h>

namespace r1::apps {
namespace {

constexpr int kSignals[] = {SIGTERM, SIGINT, SIGUSR1, SIGUSR2};
constexpr time_t kPatience = 2;  // seconds between a request and an order

// Handlers can reach nothing but globals, and only lock-free ones.
std::atomic<int> received{0};
std::atomic<time_t> received_at{0};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<time_t>::is_always_lock_free);

time_t now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec;
}

extern "C" void on_signal(int signal) {
  int nothing = 0;
  if (received.compare_exchange_strong(nothing, signal)) {
    received_at = now();
    return;
  }
  // The clock counts whole seconds: three ticks are two seconds at least.
  if (now() - received_at > kPatience) ::_exit(128 + signal);
}

const char* name_of(int signal) {
  switch (signal) {
    case SIGTERM:
      return "SIGTERM";
    case SIGINT:
      return "SIGINT";
    case SIGUSR1:
      return "SIGUSR1";
    default:
      return "SIGUSR2";
  }
}

}  // namespace

void watch_signals() {
  struct sigaction action {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // system calls of libraries go on
  sigemptyset(&action.sa_mask);
  for (const int signal : kSignals) ::sigaction(signal, &action, nullptr);
}

std::optional<std::string> signal_received() {
  const int signal = received;
  if (signal == 0) return std::nullopt;
  return name_of(signal);
}

}  // namespace r1::apps
