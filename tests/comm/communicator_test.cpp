// Every operation of the MPI transport on any number of ranks: the expectation is always computed
// from the rank numbers alone.
// SPDX-License-Identifier: Apache-2.0
#include "comm/communicator.hpp"

#include "comm/communicator_impl.hpp"
#include "tests/comm/views.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

namespace r1 {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// The library runs already (the tests' main started it), so this scope joins it and does not end
/// it.
Communicator world() {
  int argc = 0;
  char** argv = nullptr;
  return CommScope(argc, argv).world();
}

/// What `from` sends `to`: a length (0 for some pairs) and contents of their own.
std::vector<int> part(int from, int to) {
  std::vector<int> out(static_cast<std::size_t>((3 * from + 5 * to) % 4));
  std::iota(out.begin(), out.end(), 1000 * from + 100 * to);
  return out;
}

/// Values whose sum depends on the order of adding.
double awkward(int rank, int item) {
  return std::sin(1.0 + rank + 17.0 * item) * std::pow(10.0, (rank * 5 + item) % 12);
}

double serial_sum(int ranks, int item) {
  double sum = awkward(0, item);
  for (int r = 1; r < ranks; ++r) sum += awkward(r, item);
  return sum;
}

TEST(Communicator, KnowsItsNode) {
  const Communicator comm = world();
  EXPECT_GE(comm.rank(), 0);
  EXPECT_LT(comm.rank(), comm.size());
  EXPECT_EQ(comm.node_size(), comm.size());  // the tests run on one host
  EXPECT_EQ(comm.node_rank(), comm.rank());
  EXPECT_FALSE(comm.host().empty());
  EXPECT_FALSE(comm.description().empty());
  EXPECT_FALSE(CommScope::library_version().empty());
}

TEST(Message, GoesAroundARing) {
  const Communicator comm = world();
  const Exec exec;
  const int next = (comm.rank() + 1) % comm.size();
  const int previous = (comm.rank() + comm.size() - 1) % comm.size();
  for (const std::size_t n : {0u, 1u, 1000u, 300000u}) {  // empty, eager, rendezvous
    const auto from = device_numbers(n, 1e6 * comm.rank());
    const auto to = device_numbers(n, -1.0);
    Pending receive = comm.irecv(exec, to, previous, 3);
    Pending send = comm.isend(exec, from, next, 3);
    receive.wait(exec);
    send.wait(exec);
    EXPECT_EQ(host_numbers(to), host_numbers(device_numbers(n, 1e6 * previous))) << n;
  }
}

TEST(Message, ReachesTheSenderItself) {
  const Communicator comm = world();
  const Exec exec;
  const auto from = device_numbers(500, 4.0);
  const auto to = device_numbers(500, 0.0);
  Pending send = comm.isend(exec, from, comm.rank(), 8);
  Pending receive = comm.irecv(exec, to, comm.rank(), 8);
  receive.wait();
  send.wait();
  EXPECT_EQ(host_numbers(to), host_numbers(from));
}

TEST(Message, ManyAreInFlightAndArriveInOrder) {
  const Communicator comm = world();
  const Exec exec;
  constexpr int kEach = 40;
  std::vector<Pending> pending;
  std::vector<View<double*>> from, to;
  for (int m = 0; m < kEach; ++m)
    for (int r = 0; r < comm.size(); ++r) {
      const auto n = static_cast<std::size_t>(m * 7 % 23);
      from.push_back(device_numbers(n, 100.0 * m + comm.rank()));
      to.push_back(device_numbers(n, -1.0));
      pending.push_back(comm.irecv(exec, to.back(), r, m % 2));  // two tags: order within each
      pending.push_back(comm.isend(exec, from.back(), r, m % 2));
    }
  for (auto& p : pending) p.wait(exec);
  std::size_t k = 0;
  for (int m = 0; m < kEach; ++m)
    for (int r = 0; r < comm.size(); ++r, ++k)
      EXPECT_EQ(host_numbers(to[k]), host_numbers(device_numbers(to[k].size(), 100.0 * m + r)));
}

/// A rank to send to and one to receive from: the neighbours in the ring, this rank itself where it
/// is alone.
struct Neighbours {
  int next, previous;
};
Neighbours neighbours(const Communicator& comm) {
  const int n = comm.size();
  return {(comm.rank() + 1) % n, (comm.rank() + n - 1) % n};
}

TEST(Message, AShorterOneFillsTheBeginning) {
  const Communicator comm = world();
  const Exec exec;
  const auto from = device_numbers(3, 1.0);
  const auto to = device_numbers(5, -9.0);
  Pending receive = comm.irecv(exec, to, neighbours(comm).previous, 2);
  Pending send = comm.isend(exec, from, neighbours(comm).next, 2);
  receive.wait();
  send.wait();
  EXPECT_EQ(host_numbers(to), (std::vector<double>{1, 2, 3, -6, -5}));
}

TEST(Message, ALongerOneIsAnErrorThatNamesIt) {
  const Communicator comm = world();
  const Exec exec;
  const auto from = device_numbers(5, 1.0);
  const auto to = device_numbers(3, 0.0);
  Pending receive = comm.irecv(exec, to, neighbours(comm).previous, 2);
  Pending send = comm.isend(exec, from, neighbours(comm).next, 2);
  try {
    receive.wait();
    ADD_FAILURE() << "nothing was thrown";
  } catch (const CommError& error) {
    EXPECT_NE(std::string(error.what()).find("tag 2"), std::string::npos) << error.what();
    const char* words =
        comm.size() > 1 ? "truncated" : "has room for";  // MPI's own, or ours to oneself
    EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
  }
  send.wait();
}

TEST(Message, RefusesATagThatIsNone) {
  const Communicator comm = world();
  const auto view = device_numbers(3, 0.0);
  EXPECT_THROW(comm.isend(Exec(), view, neighbours(comm).next, -1), CommError);
  EXPECT_THROW(comm.irecv(Exec(), view, neighbours(comm).next, -1), CommError);
}

TEST(Reduction, SumsInRankOrderToTheLastBit) {
  const Communicator comm = world();
  std::array<double, 50> values;
  for (int i = 0; i < 50; ++i) values[static_cast<std::size_t>(i)] = awkward(comm.rank(), i);
  comm.reduce_now(Reductions().sum(values));
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(values[static_cast<std::size_t>(i)], serial_sum(comm.size(), i)) << i;
}

TEST(Reduction, TakesSeveralKindsInOneMessage) {
  const Communicator comm = world();
  const double n = comm.size();
  double sum = comm.rank() + 1, max = comm.rank(), min = -comm.rank(), one = 1;
  Pending pending = comm.reduce(Reductions().sum(sum).max(max).min(min).sum(one));
  comm.barrier();  // another collective while it is under way
  pending.wait(Exec());
  EXPECT_EQ(sum, n * (n + 1) / 2);
  EXPECT_EQ(max, n - 1);
  EXPECT_EQ(min, 1 - n);
  EXPECT_EQ(one, n);
}

TEST(Reduction, SeveralMayBeUnderWay) {
  const Communicator comm = world();
  const double n = comm.size();
  std::vector<double> values(20, 1.0);
  std::vector<Pending> pending;
  for (auto& v : values) pending.push_back(comm.reduce(Reductions().sum(v)));
  for (auto p = pending.rbegin(); p != pending.rend(); ++p) p->wait();
  for (const double v : values) EXPECT_EQ(v, n);
}

TEST(Reduction, NanOfAnyRankReachesAll) {
  const Communicator comm = world();
  for (int bad = 0; bad < comm.size(); ++bad) {
    double sum = 1, max = 1, min = 1, well = 1;
    if (comm.rank() == bad) sum = max = min = kNan;
    comm.reduce_now(Reductions().sum(sum).max(max).min(min).max(well));
    EXPECT_TRUE(std::isnan(sum) && std::isnan(max) && std::isnan(min)) << bad;
    EXPECT_EQ(well, 1);
  }
}

TEST(Reduction, LongListsAreReproducibleAndKeepNan) {
  const Communicator comm = world();
  constexpr int n = 6000;  // beyond what is gathered
  std::vector<double> first(n), second(n);
  for (int i = 0; i < n; ++i) first[static_cast<std::size_t>(i)] = awkward(comm.rank(), i);
  second = first;
  double max = comm.rank(), min = comm.rank() == 0 ? kNan : 1;
  Reductions one, two;
  for (auto& v : first) one.sum(v);
  for (auto& v : second) two.sum(v);
  comm.reduce_now(one.max(max).min(min));
  comm.reduce_now(two);
  EXPECT_EQ(first, second);
  EXPECT_EQ(max, comm.size() - 1);
  EXPECT_TRUE(std::isnan(min));
  for (int i = 0; i < n; ++i) {
    const double expected = serial_sum(comm.size(), i);
    // Brackets may differ from the serial loop: terms are below 1e12, so 1e-3 is a few of their
    // units in the last place.
    EXPECT_NEAR(first[static_cast<std::size_t>(i)], expected, 1e-3) << i;
  }
}

TEST(Reduction, EmptyIsNothing) { EXPECT_NO_THROW(world().reduce(Reductions()).wait()); }

TEST(Reduction, RanksThatDisagreeAreTold) {
  const Communicator comm = world();
  if (comm.size() == 1) GTEST_SKIP() << "one rank agrees with itself";
  double value = 1;
  Reductions reductions;
  comm.rank() == 0 ? reductions.sum(value) : reductions.max(value);
  EXPECT_THROW(comm.reduce_now(reductions), CommError);
}

TEST(Communicator, AnyAndAllAgreeOnEveryRank) {
  const Communicator comm = world();
  const bool last = comm.rank() == comm.size() - 1;
  EXPECT_TRUE(comm.any(last));
  EXPECT_EQ(comm.all(last), comm.size() == 1);
  EXPECT_FALSE(comm.any(false));
  EXPECT_TRUE(comm.all(true));
  EXPECT_EQ(comm.sum(1.0), comm.size());
  EXPECT_EQ(comm.max(comm.rank()), comm.size() - 1);
  EXPECT_EQ(comm.min(comm.rank()), 0);
}

TEST(Communicator, BroadcastsFromAnyRoot) {
  const Communicator comm = world();
  for (int root = 0; root < comm.size(); ++root) {
    std::string text = comm.rank() == root ? "the input of rank " + std::to_string(root) : "old";
    comm.broadcast(text, root);
    EXPECT_EQ(text, "the input of rank " + std::to_string(root));
    std::string empty = comm.rank() == root ? "" : "old";
    comm.broadcast(empty, root);
    EXPECT_EQ(empty, "");
    std::array<std::int64_t, 3> numbers{};
    if (comm.rank() == root) numbers = {1, 2, root};
    comm.broadcast(std::span<std::int64_t>(numbers), root);
    EXPECT_EQ(numbers, (std::array<std::int64_t, 3>{1, 2, root}));
  }
}

TEST(Communicator, GathersPartsOfAnyLength) {
  const Communicator comm = world();
  for (int root = 0; root < comm.size(); ++root) {
    const std::vector<int> mine = part(comm.rank(), root);
    const auto at_root = comm.gather(std::span<const int>(mine), root);
    if (comm.rank() != root) {
      EXPECT_TRUE(at_root.empty());
      continue;
    }
    ASSERT_EQ(at_root.size(), static_cast<std::size_t>(comm.size()));
    for (int r = 0; r < comm.size(); ++r)
      EXPECT_EQ(at_root[static_cast<std::size_t>(r)], part(r, root));
  }
  const std::vector<int> mine = part(comm.rank(), 1);
  const auto all = comm.all_gather(std::span<const int>(mine));
  ASSERT_EQ(all.size(), static_cast<std::size_t>(comm.size()));
  for (int r = 0; r < comm.size(); ++r) EXPECT_EQ(all[static_cast<std::size_t>(r)], part(r, 1));
}

TEST(Communicator, ExchangesPartsOfAnyLength) {
  const Communicator comm = world();
  std::vector<std::vector<int>> parts, none(static_cast<std::size_t>(comm.size()));
  for (int r = 0; r < comm.size(); ++r) parts.push_back(part(comm.rank(), r));
  const auto received = comm.all_to_all(parts);
  ASSERT_EQ(received.size(), static_cast<std::size_t>(comm.size()));
  for (int r = 0; r < comm.size(); ++r)
    EXPECT_EQ(received[static_cast<std::size_t>(r)], part(r, comm.rank()));
  EXPECT_EQ(comm.all_to_all(none), none);
}

TEST(Communicator, ExchangesLargeParts) {
  const Communicator comm = world();
  std::vector<std::vector<double>> parts;
  for (int r = 0; r < comm.size(); ++r) parts.emplace_back(200000, 10.0 * comm.rank() + r);
  const auto received = comm.all_to_all(parts);
  for (int r = 0; r < comm.size(); ++r)
    EXPECT_EQ(received[static_cast<std::size_t>(r)],
              std::vector<double>(200000, 10.0 * r + comm.rank()));
}

TEST(Communicator, SplitsIntoGroupsThatKeepTheOrder) {
  const Communicator comm = world();
  const int color = comm.rank() % 2;
  const Communicator half = comm.split(color);
  EXPECT_EQ(half.size(), (comm.size() + 1 - color) / 2);
  EXPECT_EQ(half.rank(), comm.rank() / 2);
  double expected = 0;
  for (int r = color; r < comm.size(); r += 2) expected += r;
  EXPECT_EQ(half.sum(comm.rank()), expected);
}

TEST(Communicator, AGroupsMessagesDoNotMeetThoseOfTheWhole) {
  const Communicator comm = world();
  const Communicator same = comm.split(0);
  const Exec exec;
  const auto a = device_numbers(4, 1.0), b = device_numbers(4, 50.0);
  const auto to_a = device_numbers(4, 0.0), to_b = device_numbers(4, 0.0);
  Pending send_b = same.isend(exec, b, comm.rank(), 1);
  Pending send_a = comm.isend(exec, a, comm.rank(), 1);
  comm.irecv(exec, to_a, comm.rank(), 1).wait();
  same.irecv(exec, to_b, comm.rank(), 1).wait();
  send_a.wait();
  send_b.wait();
  EXPECT_EQ(host_numbers(to_a), host_numbers(a));
  EXPECT_EQ(host_numbers(to_b), host_numbers(b));
}

}  // namespace
}  // namespace r1
