// Regions nest, add up, survive exceptions, reach Kokkos' tools and cost little.
// SPDX-License-Identifier: Apache-2.0
#include "core/profile.hpp"

#include <Kokkos_Core.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace r1 {
namespace {

using namespace std::chrono_literals;

const Profile::Entry* find(const Profile::Report& report, const std::string& path) {
  for (const auto& entry : report.entries)
    if (entry.path == path) return &entry;
  return nullptr;
}

void take_step(Profile& profile) {
  const auto step = profile.region("step");
  {
    const auto force = profile.region("force");
    std::this_thread::sleep_for(2ms);
  }
  const auto integrate = profile.region("integrate");
  std::this_thread::sleep_for(1ms);
}

TEST(Profile, NestsAndCounts) {
  Profile profile;
  for (int i = 0; i < 3; ++i) take_step(profile);
  { const auto force = profile.region("force"); }
  const auto report = profile.report();
  std::vector<std::string> paths;
  for (const auto& entry : report.entries) paths.push_back(entry.path);
  EXPECT_EQ(paths, (std::vector<std::string>{"step", "step/force", "step/integrate", "force"}));
  EXPECT_EQ(find(report, "step")->calls, 3);
  EXPECT_EQ(find(report, "step/force")->calls, 3);
  EXPECT_EQ(find(report, "force")->calls, 1);
  EXPECT_EQ(find(report, "step")->depth, 0);
  EXPECT_EQ(find(report, "step/force")->depth, 1);
}

TEST(Profile, KnowsWhereItStands) {
  Profile profile;
  EXPECT_EQ(profile.place().region, "");
  profile.set_step(41);
  const auto before = profile.place().movements;
  {
    const auto step = profile.region("step");
    EXPECT_EQ(profile.place().region, "step");
    {
      const auto force = profile.region("force");
      Profile::Place seen;
      std::thread([&] { seen = profile.place(); }).join();
      EXPECT_EQ(seen.region, "force");
      EXPECT_EQ(seen.step, 41);
    }
    EXPECT_EQ(profile.place().region, "step");
  }
  EXPECT_EQ(profile.place().region, "");
  EXPECT_EQ(profile.place().movements, before + 4);
}

TEST(Profile, MeasuresWallTime) {
  Profile profile;
  for (int i = 0; i < 3; ++i) take_step(profile);
  const auto report = profile.report();
  EXPECT_GE(find(report, "step/force")->seconds, 0.006);
  EXPECT_GE(find(report, "step/integrate")->seconds, 0.003);
  EXPECT_GE(find(report, "step")->seconds,
            find(report, "step/force")->seconds + find(report, "step/integrate")->seconds);
}

TEST(Profile, SharesAddUpToOne) {
  Profile profile;
  take_step(profile);
  std::this_thread::sleep_for(1ms);
  const auto report = profile.report();
  double sum = report.untracked;
  for (const auto& entry : report.entries) {
    EXPECT_GE(entry.share, 0) << entry.path;
    sum += entry.share;
  }
  EXPECT_GT(report.untracked, 0);
  EXPECT_NEAR(sum, 1, 1e-12);
}

TEST(Profile, CountsRunningRegionsUpToNow) {
  Profile profile;
  const auto scope = profile.region("run");
  std::this_thread::sleep_for(2ms);
  const auto report = profile.report();
  EXPECT_GE(find(report, "run")->seconds, 0.002);
  EXPECT_EQ(find(report, "run")->calls, 1);
}

TEST(Profile, LeavesItsRegionsWhenAnExceptionDoes) {
  Profile profile;
  try {
    const auto outer = profile.region("outer");
    const auto inner = profile.region("inner");
    throw std::runtime_error("lost atoms");
  } catch (const std::runtime_error&) {
  }
  { const auto after = profile.region("after"); }
  EXPECT_NE(find(profile.report(), "after"), nullptr);  // not "outer/inner/after"
}

TEST(Profile, WritesATableForPeople) {
  Profile profile(FencePolicy::at_edges);
  take_step(profile);
  const std::string text = profile.report().text();
  EXPECT_NE(text.find("\n  force "), std::string::npos) << text;
  EXPECT_NE(text.find("(outside)"), std::string::npos) << text;
}

std::vector<std::string>& pushed_names() {  // Kokkos' callbacks are plain functions
  static std::vector<std::string> names;
  return names;
}

TEST(Profile, NamesItsRegionsToKokkosTools) {
  using namespace Kokkos::Tools::Experimental;
  pushed_names().clear();
  set_push_region_callback([](const char* name) { pushed_names().emplace_back(name); });
  set_pop_region_callback([] { pushed_names().emplace_back("end"); });
  {
    Profile profile;
    const auto a = profile.region("force");
    const auto b = profile.region("lj");
  }
  set_push_region_callback(nullptr);
  set_pop_region_callback(nullptr);
  EXPECT_EQ(pushed_names(), (std::vector<std::string>{"force", "lj", "end", "end"}));
}

double nanoseconds_per_region() {
  Profile profile;
  constexpr int n = 20000;
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < n; ++i) const auto scope = profile.region("neighbor list rebuild");
  const auto time = std::chrono::steady_clock::now() - begin;
  return std::chrono::duration<double, std::nano>(time).count() / n;
}

TEST(Profile, CostsLittle) {
  // The best of several: others use the machine, too. Ten times the goal of 100 ns, for debug
  // builds.
  double best = std::numeric_limits<double>::max();
  for (int i = 0; i < 10; ++i) best = std::min(best, nanoseconds_per_region());
  RecordProperty("ns_per_region", std::to_string(best));
  EXPECT_LT(best, 1000);
}

}  // namespace
}  // namespace r1
