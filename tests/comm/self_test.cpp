// Communicator::self(): messages to oneself, trivial collectives, and what a forgotten wait or a
// lone rank is told.
// SPDX-License-Identifier: Apache-2.0
#include "comm/communicator.hpp"
#include "comm/communicator_impl.hpp"
#include "tests/comm/views.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace r1 {
namespace {

TEST(Self, IsOneRankOnOneHost) {
  const Communicator comm = Communicator::self();
  EXPECT_EQ(comm.rank(), 0);
  EXPECT_EQ(comm.size(), 1);
  EXPECT_EQ(comm.node_rank(), 0);
  EXPECT_EQ(comm.node_size(), 1);
  EXPECT_FALSE(comm.host().empty());
  EXPECT_EQ(comm.split(3).size(), 1);
}

TEST(Self, DeliversWhicheverSideIsPostedFirst) {
  const Communicator comm = Communicator::self();
  const Exec exec;
  for (const bool send_first : {true, false}) {
    const auto from = device_numbers(10, 5.0);
    const auto to = device_numbers(10, 0.0);
    Pending first = send_first ? comm.isend(exec, from, 0, 1) : comm.irecv(exec, to, 0, 1);
    Pending second = send_first ? comm.irecv(exec, to, 0, 1) : comm.isend(exec, from, 0, 1);
    first.wait();
    second.wait();
    EXPECT_EQ(host_numbers(to), host_numbers(from));
  }
}

TEST(Self, FreesTheSendersDataAtItsWait) {
  const Communicator comm = Communicator::self();
  const Exec exec;
  const auto from = device_numbers(10, 5.0);
  const auto expected = host_numbers(from);
  Pending send = comm.isend(exec, from, 0, 1);
  send.wait(exec);
  Kokkos::deep_copy(exec, from, -1.0);  // reused before anybody receives
  const auto to = device_numbers(10, 0.0);
  comm.irecv(exec, to, 0, 1).wait();
  EXPECT_EQ(host_numbers(to), expected);
}

TEST(Self, MatchesByTagInOrder) {
  const Communicator comm = Communicator::self();
  const Exec exec;
  const auto a = device_numbers(4, 10.0), b = device_numbers(4, 20.0), c = device_numbers(4, 30.0);
  const auto to_a = device_numbers(4, 0.0), to_b = device_numbers(4, 0.0),
             to_c = device_numbers(4, 0.0);
  std::vector<Pending> pending;
  pending.push_back(comm.irecv(exec, to_c, 0, 9));
  pending.push_back(comm.isend(exec, a, 0, 5));
  pending.push_back(comm.isend(exec, b, 0, 5));
  pending.push_back(comm.isend(exec, c, 0, 9));
  pending.push_back(comm.irecv(exec, to_a, 0, 5));
  pending.push_back(comm.irecv(exec, to_b, 0, 5));
  for (auto& p : pending) p.wait(exec);
  exec.fence();
  EXPECT_EQ(host_numbers(to_a), host_numbers(a));
  EXPECT_EQ(host_numbers(to_b), host_numbers(b));
  EXPECT_EQ(host_numbers(to_c), host_numbers(c));
}

TEST(Self, SendsNothing) {
  const Communicator comm = Communicator::self();
  const Exec exec;
  const View<double*> none("none", 0);
  Pending send = comm.isend(exec, none, 0, 1);
  Pending receive = comm.irecv(exec, none, 0, 1);
  EXPECT_NO_THROW(send.wait());
  EXPECT_NO_THROW(receive.wait());
}

TEST(Self, SaysSoInsteadOfWaitingForEver) {
  const Communicator comm = Communicator::self();
  const Exec exec;
  const auto to = device_numbers(4, 0.0);
  Pending receive = comm.irecv(exec, to, 0, 77);
  try {
    receive.wait();
    FAIL() << "nothing was thrown";
  } catch (const CommError& error) {
    EXPECT_NE(std::string(error.what()).find("tag 77"), std::string::npos) << error.what();
  }
}

TEST(Self, RefusesAMessageThatIsLongerThanItsReceive) {
  const Communicator comm = Communicator::self();
  const Exec exec;
  const auto from = device_numbers(5, 1.0);
  const auto to = device_numbers(4, 0.0);
  Pending send = comm.isend(exec, from, 0, 1);
  Pending receive = comm.irecv(exec, to, 0, 1);
  EXPECT_NO_THROW(send.wait());
  EXPECT_THROW(receive.wait(), CommError);
  EXPECT_EQ(host_numbers(to), host_numbers(device_numbers(4, 0.0)));
}

TEST(Self, ForgetsMessagesThatAnExceptionLeftBehind) {
  const Communicator comm = Communicator::self();
  const Exec exec;
  const auto from = device_numbers(4, 7.0);
  const auto to = device_numbers(4, 0.0);
  try {
    const auto gone = device_numbers(4, 0.0);
    const Pending receive = comm.irecv(exec, gone, 0, 1);
    throw std::runtime_error("something else");
  } catch (const std::runtime_error&) {
  }
  Pending send = comm.isend(exec, from, 0, 1);
  comm.irecv(exec, to, 0, 1).wait();
  send.wait();
  EXPECT_EQ(host_numbers(to), host_numbers(from));
}

TEST(Self, CollectivesGiveWhatWasGiven) {
  const Communicator comm = Communicator::self();
  const std::vector<int> data{1, 2, 3};
  const std::vector<std::vector<int>> alone{data};
  EXPECT_EQ(comm.gather(std::span<const int>(data)), alone);
  EXPECT_EQ(comm.all_gather(std::span<const int>(data)), alone);
  EXPECT_EQ(comm.all_to_all(alone), alone);
  std::string text = "same";
  comm.broadcast(text);
  EXPECT_EQ(text, "same");
  EXPECT_EQ(comm.sum(2.5), 2.5);
  EXPECT_TRUE(std::isnan(comm.max(std::numeric_limits<double>::quiet_NaN())));
  EXPECT_TRUE(comm.all(true));
  EXPECT_FALSE(comm.any(false));
}

TEST(Communicator, RefusesRanksThatAreNotThere) {
  const Communicator comm = Communicator::self();
  const Exec exec;
  const auto view = device_numbers(4, 0.0);
  EXPECT_THROW(comm.isend(exec, view, 1, 0), CommError);
  EXPECT_THROW(comm.irecv(exec, view, -1, 0), CommError);
  EXPECT_THROW(comm.isend(exec, view, 0, -5), CommError);
  EXPECT_THROW(comm.split(-1), CommError);
  std::string text;
  EXPECT_THROW(comm.broadcast(text, 2), CommError);
}

TEST(Pending, NothingPendingNeedsNoWait) {
  Pending none;
  EXPECT_NO_THROW(none.wait());
}

TEST(PendingDeathTest, EndsTheProgramWhenItsWaitIsForgotten) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const Communicator comm = Communicator::self();
  const Exec exec;
  const auto view = device_numbers(4, 0.0);
  EXPECT_DEATH({ Pending forgotten = comm.isend(exec, view, 0, 1); },
               "is waited for before it dies");
}

TEST(PendingDeathTest, EndsTheProgramWhenItIsReplacedUnderWay) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  const Communicator comm = Communicator::self();
  const Exec exec;
  const auto view = device_numbers(4, 0.0);
  EXPECT_DEATH(
      {
        Pending pending = comm.isend(exec, view, 0, 1);
        pending = Pending();
      },
      "is waited for before it dies");
}

TEST(AbortDeathTest, LeavesWithTheGivenCode) {
  testing::GTEST_FLAG(death_test_style) = "threadsafe";
  EXPECT_EXIT(Communicator::self().abort(7), testing::ExitedWithCode(7), "");
}

TEST(Combine, KeepsNanOnEitherSide) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const auto op : {Reductions::Op::sum, Reductions::Op::max, Reductions::Op::min}) {
    EXPECT_TRUE(std::isnan(combine(op, nan, 1)));
    EXPECT_TRUE(std::isnan(combine(op, 1, nan)));
  }
  EXPECT_EQ(combine(Reductions::Op::sum, 1, 2), 3);
  EXPECT_EQ(combine(Reductions::Op::max, 1, 2), 2);
  EXPECT_EQ(combine(Reductions::Op::min, 1, 2), 1);
}

TEST(LoneRank, IsExplainedUnderSlurm) {
  const auto fault = lone_rank_fault("4", 1);
  ASSERT_TRUE(fault);
  for (const auto* word : {"4 tasks", "SLURM_STEP_NUM_TASKS", "srun --mpi=list", "--mpi=pmix"})
    EXPECT_NE(fault->find(word), std::string::npos) << word;
}

TEST(LoneRank, IsFineElsewhere) {
  EXPECT_FALSE(lone_rank_fault(nullptr, 1));
  EXPECT_FALSE(lone_rank_fault("1", 1));
  EXPECT_FALSE(lone_rank_fault("4", 4));
  EXPECT_FALSE(lone_rank_fault("rubbish", 1));
}

}  // namespace
}  // namespace r1
