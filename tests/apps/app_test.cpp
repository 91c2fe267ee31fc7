// Threads of a rank, lists of cores, progress as text.
// SPDX-License-Identifier: Apache-2.0
#include "apps/host_threads.hpp"
#include "apps/progress.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace {

using namespace r1::apps;

TEST(Threads, AreWhatTheUserSays) {
  EXPECT_EQ(threads_of_rank({3, 5, 4}), 3);
  EXPECT_EQ(threads_of_rank({std::nullopt, 5, 4}), 5);
  EXPECT_EQ(threads_of_rank({3, std::nullopt, 1}), 3);
}

TEST(Threads, AreOneWhereRanksShareAHostAndAllCoresElsewhere) {
  EXPECT_EQ(threads_of_rank({std::nullopt, std::nullopt, 2}), 1);
  EXPECT_EQ(threads_of_rank({std::nullopt, std::nullopt, 1}), std::nullopt);
}

TEST(Cores, AreListedAsRanges) {
  EXPECT_EQ(core_list({}), "");
  EXPECT_EQ(core_list({4}), "4");
  EXPECT_EQ(core_list({0, 1, 2, 3, 8, 10, 11}), "0-3,8,10-11");
  EXPECT_FALSE(allowed_cores().empty());
}

TEST(Duration, IsReadable) {
  EXPECT_EQ(duration_text(0), "0:00");
  EXPECT_EQ(duration_text(62.4), "1:02");
  EXPECT_EQ(duration_text(3723), "1:02:03");
  EXPECT_EQ(duration_text(360000), "100:00:00");
  EXPECT_EQ(duration_text(-1), "-");
  EXPECT_EQ(duration_text(std::numeric_limits<double>::infinity()), "-");
}

TEST(Progress, TellsTheTimeThatIsLeft) {
  const ProgressState half{500, 1000, 50.0};
  EXPECT_EQ(progress_line("stage 1/2", half),
            "stage 1/2: step 500 of 1000 (50 %), 50 steps/s, 0:10 left");
  EXPECT_EQ(progress_bar("stage 1/2", half),
            "stage 1/2  [############............]  50 %  step 500/1000  50 steps/s  0:10 left");
}

TEST(Progress, StaysReadableAtItsEdges) {
  EXPECT_EQ(progress_line("s", {0, 10, 0}), "s: step 0 of 10 (0 %), - steps/s, - left");
  EXPECT_EQ(progress_line("s", {10, 10, 0.25}),
            "s: step 10 of 10 (100 %), 0.25 steps/s, 0:00 left");
  EXPECT_EQ(progress_bar("s", {0, 0, 0}).find("100 %") != std::string::npos, true);
}

}  // namespace
