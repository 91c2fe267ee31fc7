// A rank that stands still, or has died, is named by another.
// SPDX-License-Identifier: Apache-2.0
#include "io/stall_watch.hpp"

#include "tests/shared_folder.hpp"
#include "tests/world.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <optional>

namespace r1::io {
namespace {

using namespace std::chrono_literals;
using test::SharedFolder;
using test::world;

using Beats = std::vector<std::optional<Beat>>;

Beat beat(std::uint64_t count, double quiet, std::int64_t step, const std::string& place) {
  return {count, quiet, step, place, "a", 7, 0, false};
}

void fail(const std::string& text) { ADD_FAILURE() << text; }

TEST(StallWatch, DescribesWhoIsSilentAndWhereTheOthersStand) {
  const Beats before{beat(5, 9, 41, "check list"), beat(5, 9, 41, "check list"),
                     beat(5, 9, 41, "force"), std::nullopt};
  const Beats after{beat(8, 9, 41, "check list"), beat(8, 9, 41, "check list"),
                    beat(5, 9, 41, "force"), std::nullopt};
  EXPECT_EQ(describe_stall(before, after, 5),
            "rank 2 (host a, process 7) gives no sign of life, last seen in step 41 at 'force'; "
            "rank 3 has given no sign of life; ranks 0, 1 stand in step 41 at 'check list'");
  EXPECT_EQ(first_alive(before, after), 0);
}

TEST(StallWatch, NamesTheHindmostFirst) {
  const Beats before{beat(1, 9, 42, "force"), beat(1, 9, 41, "output")};
  const Beats after{beat(2, 9, 42, "force"), beat(2, 9, 41, "output")};
  EXPECT_EQ(describe_stall(before, after, 5),
            "rank 1 stands in step 41 at 'output'; rank 0 stands in step 42 at 'force'");
}

TEST(StallWatch, IsQuietWhereARankMoves) {
  const Beats before{beat(1, 9, 42, "force"), beat(1, 0, 41, "output")};
  const Beats after{beat(2, 9, 42, "force"), beat(2, 0.1, 41, "output")};
  EXPECT_EQ(describe_stall(before, after, 5), "");
}

TEST(StallWatch, SlotsKeepWhatWasWritten) {
  const SharedFolder folder(Communicator::self());
  const HeartbeatFile file(folder.path());
  file.create(3);
  file.write(2, beat(7, 1.5, 1234, "a 'place' \xff"));
  const auto beats = file.read();
  ASSERT_EQ(beats.size(), 3U);
  EXPECT_FALSE(beats[0]);
  ASSERT_TRUE(beats[2]);
  EXPECT_EQ(beats[2]->count, 7U);
  EXPECT_EQ(beats[2]->step, 1234);
  EXPECT_EQ(beats[2]->quiet, 1.5);
  std::ofstream(folder / HeartbeatFile::kFile) << std::string(8192, 'x');
  for (const auto& damaged : file.read()) EXPECT_FALSE(damaged);
}

/// Reports of one rank; in a program it would end there.
struct Reports {
  std::atomic<int> reports{0}, leaves{0};
  std::mutex mutex;
  std::string text, left;

  StallWatch::Work work(std::function<Profile::Place()> place) {
    return {std::move(place),
            [this](const std::string& said) {
              const std::lock_guard lock(mutex);
              if (reports++ == 0) text = said;
            },
            [this](const std::string& said) {
              if (leaves == 0) left = said;
              ++leaves;
            }};
  }
};

TEST(StallWatch, LowestRankReportsAndTheOthersLeave) {
  const auto comm = world();
  const SharedFolder folder(comm);
  Reports mine;
  const bool hindmost = comm.rank() == comm.size() - 1;
  const auto work = mine.work([hindmost] {
    return Profile::Place{hindmost ? "force" : "check list", 41, 17};
  });
  const StallWatch watch(comm, folder.path(), {0.4, 0}, work, fail);
  const auto end = std::chrono::steady_clock::now() + 60s;
  while (mine.leaves == 0 && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(10ms);
  EXPECT_GT(mine.leaves, 0);
  EXPECT_EQ(mine.reports > 0, comm.rank() == 0);
  if (comm.rank() == 0) {
    const std::string who = "rank" + std::string(" ") + std::to_string(comm.size() - 1);
    EXPECT_NE(mine.text.find(who + " stands in step 41 at 'force'"), std::string::npos)
        << mine.text;
    EXPECT_NE(mine.text.find("no progress for"), std::string::npos) << mine.text;
  }
  if (comm.rank() > 0) {
    EXPECT_EQ(mine.left, "rank 0 has ended this run, in which nothing moved");
  }
  comm.barrier();
}

TEST(StallWatch, LeavesWorkThatMovesAlone) {
  const auto comm = world();
  const SharedFolder folder(comm);
  Reports mine;
  Profile profile;
  {
    const StallWatch watch(comm, folder.path(), {0.5, 0},
                           mine.work([&] { return profile.place(); }), fail);
    for (int step = 0; step < 20; ++step) {
      profile.set_step(step);
      const auto region = profile.region("force");
      std::this_thread::sleep_for(100ms);
    }
    comm.barrier();
  }
  EXPECT_EQ(mine.reports, 0);
  comm.barrier();
  if (comm.rank() == 0) {
    EXPECT_FALSE(std::filesystem::exists(folder / HeartbeatFile::kFile));
  }
}

TEST(StallWatch, SlowWorkHasItsOwnMeasure) {
  Reports mine;
  const SharedFolder folder(Communicator::self());
  Profile profile;
  const auto start = std::chrono::steady_clock::now();
  // A pause of two seconds after many of a quarter: 50 times the usual is more.
  const StallWatch watch(Communicator::self(), folder.path(), {0.5, 50},
                         mine.work([&] { return profile.place(); }), fail);
  while (std::chrono::steady_clock::now() - start < 2s) {
    profile.set_step(1);
    std::this_thread::sleep_for(250ms);
  }
  std::this_thread::sleep_for(2s);
  EXPECT_EQ(mine.reports, 0);
}

TEST(StallWatch, WarnsWhereItCannotWrite) {
  const auto comm = world();
  Reports mine;
  int warnings = 0;
  {
    const StallWatch watch(comm, "/nonexistent/folder", {0.1, 0}, mine.work([] {
      return Profile::Place{"", 0, 0};
    }),
                           [&](const std::string&) { ++warnings; });
    std::this_thread::sleep_for(500ms);
  }
  EXPECT_EQ(warnings, comm.rank() == 0 ? 1 : 0);
  EXPECT_EQ(mine.reports, 0);
}

}  // namespace
}  // namespace r1::io
