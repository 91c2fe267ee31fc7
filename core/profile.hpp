// Profile: wall time and calls of nested regions, owned by the run (no global). A region is a
// scope:
//   const auto scope = profile.region("force");
// It is named to Kokkos' profiling tools, too, so their outline is that of the algorithm. One
// thread, the one that launches kernels, opens regions; a region costs less than 100 ns.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace r1 {

/// GPU kernels run on after their launch. at_edges waits for them where a region begins and ends:
/// honest times per region, at the price of overlap. Where the device is the host there is nothing
/// to wait for.
enum class FencePolicy { none, at_edges };

class Profile {
 public:
  struct Entry {
    std::string path;    // "step/force"
    int depth;           // 0 for an outermost region
    std::int64_t calls;  // finished or running
    double seconds;      // with the regions inside
    double own_seconds;  // without them
    double
        share;  // own_seconds / wall time of the profile: with `untracked` the shares add up to 1
  };
  struct Report {
    double seconds = 0;          // since the profile was made
    double untracked = 0;        // share of the time outside of all regions
    std::vector<Entry> entries;  // depth first, in the order of first entry
    /// A table for people, one line per region.
    std::string text() const;
  };
  /// Where the program stands, for a thread that watches it.
  struct Place {
    std::string region;       // the innermost that is open; empty outside of all
    std::int64_t step;        // of the last set_step()
    std::uint64_t movements;  // regions entered and left, steps begun
  };
  struct State;

  /// Ends its region when it dies. Regions end in reverse order of their beginning.
  class [[nodiscard]] Scope {
   public:
    Scope(State& state, std::string_view name);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    State& state_;
  };

  explicit Profile(FencePolicy fence = FencePolicy::none);
  ~Profile();
  Profile(Profile&&) noexcept;
  Profile& operator=(Profile&&) noexcept;

  Scope region(std::string_view name) { return Scope(*state_, name); }
  /// A part of a long region is done: whoever watches sees that it goes on.
  void move();
  /// The step that begins.
  void set_step(std::int64_t step);
  /// From any thread.
  Place place() const;
  /// The times so far; regions that are running count up to now.
  Report report() const;

 private:
  std::unique_ptr<State> state_;
};

}  // namespace r1
