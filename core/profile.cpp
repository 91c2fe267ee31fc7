// SPDX-License-Identifier: Apache-2.0
#include "core/profile.hpp"

#include "core/profile_detail.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <exception>
#include <utility>

namespace r1 {
namespace {

using Clock = std::chrono::steady_clock;

double seconds(Clock::duration time) { return std::chrono::duration<double>(time).count(); }

struct Region {
  std::string name;
  std::size_t parent;
  std::vector<std::size_t> children;
  std::int64_t calls = 0;
  Clock::duration time{};
  Clock::time_point begin{};  // of the call that is running
};

}  // namespace

struct Profile::State {
  FencePolicy fence;
  Clock::time_point made = Clock::now();
  std::deque<Region> regions{{"", 0, {}, 0, {}, {}}};  // 0: the whole; they stay where they are
  std::size_t current = 0;
  // For place(): the name of a region never changes.
  std::atomic<const std::string*> open_name{&regions[0].name};
  std::atomic<std::int64_t> step{0};
  std::atomic<std::uint64_t> movements{0};

  void move_to(std::size_t region) {
    current = region;
    open_name.store(&regions[region].name, std::memory_order_release);
    movements.fetch_add(1, std::memory_order_relaxed);
  }

  std::size_t child_of_current(std::string_view name) {
    for (const std::size_t child : regions[current].children)
      if (regions[child].name == name) return child;
    const std::size_t made_now = regions.size();
    regions.push_back({std::string(name), current, {}, 0, {}, {}});
    regions[current].children.push_back(made_now);
    return made_now;
  }

  bool is_open(std::size_t region) const {
    for (std::size_t r = current; r != 0; r = regions[r].parent)
      if (r == region) return true;
    return false;
  }

  double time_of(std::size_t region, Clock::time_point now) const {
    const Region& r = regions[region];
    return seconds(r.time + (is_open(region) ? now - r.begin : Clock::duration::zero()));
  }

  void add_entries(std::size_t region, const std::string& path, int depth, Clock::time_point now,
                   Report& report) const;
};

void Profile::State::add_entries(std::size_t region, const std::string& path, int depth,
                                 Clock::time_point now, Report& report) const {
  double inside = 0;
  const double whole = region == 0 ? report.seconds : time_of(region, now);
  const std::size_t place = report.entries.size();
  if (region != 0) report.entries.push_back({path, depth, regions[region].calls, whole, 0, 0});
  for (const std::size_t child : regions[region].children) {
    const std::string& name = regions[child].name;
    inside += time_of(child, now);
    add_entries(child, region == 0 ? name : path + '/' + name, depth + 1, now, report);
  }
  const double own = whole - inside;
  const double share = report.seconds > 0 ? own / report.seconds : 0;
  if (region == 0) {
    report.untracked = share;
  } else {
    report.entries[place].own_seconds = own;
    report.entries[place].share = share;
  }
}

Profile::Scope::Scope(State& state, std::string_view name) : state_(state) {
  if (state_.fence == FencePolicy::at_edges) detail::fence_for_profile();
  state_.move_to(state_.child_of_current(name));
  Region& region = state_.regions[state_.current];
  ++region.calls;
  detail::push_kokkos_region(region.name);
  region.begin = Clock::now();
}

Profile::Scope::~Scope() {
  // A device that has failed throws from a fence, and an exception is on its way already.
  if (state_.fence == FencePolicy::at_edges && std::uncaught_exceptions() == 0)
    detail::fence_for_profile();
  Region& region = state_.regions[state_.current];
  region.time += Clock::now() - region.begin;
  detail::pop_kokkos_region();
  state_.move_to(region.parent);
}

Profile::Profile(FencePolicy fence) : state_(std::make_unique<State>()) { state_->fence = fence; }
Profile::~Profile() = default;
Profile::Profile(Profile&&) noexcept = default;
Profile& Profile::operator=(Profile&&) noexcept = default;

void Profile::move() { state_->movements.fetch_add(1, std::memory_order_relaxed); }

void Profile::set_step(std::int64_t step) {
  state_->step.store(step, std::memory_order_relaxed);
  move();
}

Profile::Place Profile::place() const {
  return {*state_->open_name.load(std::memory_order_acquire),
          state_->step.load(std::memory_order_relaxed),
          state_->movements.load(std::memory_order_relaxed)};
}

Profile::Report Profile::report() const {
  const auto now = Clock::now();
  Report report;
  report.seconds = seconds(now - state_->made);
  state_->add_entries(0, "", -1, now, report);
  return report;
}

std::string Profile::Report::text() const {
  std::string out =
      fmt::format("{:<40} {:>10} {:>12} {:>7}\n", "region", "calls", "seconds", "share");
  for (const auto& entry : entries) {
    const auto slash = entry.path.rfind('/');
    const std::string name = entry.path.substr(slash == std::string::npos ? 0 : slash + 1);
    out += fmt::format("{:<40} {:>10} {:>12.3f} {:>6.1f}%\n",
                       std::string(2 * static_cast<std::size_t>(entry.depth), ' ') + name,
                       entry.calls, entry.seconds, 100 * entry.share);
  }
  out += fmt::format("{:<40} {:>10} {:>12.3f} {:>6.1f}%\n", "(outside)", "", untracked * seconds,
                     100 * untracked);
  return out;
}

}  // namespace r1
